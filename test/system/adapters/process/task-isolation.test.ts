import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { processExecutor } from '../../../../app/adapters/process/process-executor.ts';
import { findIsolation, type TaskIsolation } from '../../../../app/adapters/process/task-isolation.ts';
import { systemClock } from '../../../../app/adapters/system/system-clock.ts';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import type { Executor } from '../../../../app/ports/executor.ts';
import { describeExecutor, describeRealExecutor } from '../../../contract/executor.ts';
import { countProcesses } from '../../../helpers/count-processes.ts';
import { eventually } from '../../../helpers/eventually.ts';
import { type LocalJobs, localJobs } from '../../../helpers/local-jobs.ts';
import { silentLogger } from '../../../helpers/silent-logger.ts';
import { temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { uniqueSleep } from '../../../helpers/unique-sleep.ts';

const root = resolve('.');

/** The isolation of a data directory, or the reason why the system has none for this user. */
const isolationOf = (dataDir: string, hiddenFiles: readonly string[] = []) =>
  findIsolation({ platform: process.platform, dataDir, hiddenFiles, readOnlyDirectories: [root] });

function executorOf(jobs: LocalJobs, isolation: TaskIsolation): Executor {
  return processExecutor({
    dataDir: jobs.dataDir,
    runnerPath: resolve('runner-image/dist/runner.js'),
    nodePath: process.execPath,
    taskEnv: { PATH: process.env.PATH ?? '' },
    objectsBaseUrl: `http://127.0.0.1:${jobs.port}`,
    clock: systemClock,
    logger: silentLogger,
    platform: process.platform,
    isolation,
  });
}

const trial = await temporaryDirectory();
const tried = await isolationOf(trial.path);
await trial.remove();
if (tried.isolation === undefined && process.env.CI === 'true')
  throw new Error(`isolated tasks cannot be tested: ${tried.why}`);
const isIsolated = tried.isolation !== undefined;

async function setup() {
  const jobs = await localJobs();
  const { isolation } = await isolationOf(jobs.dataDir);
  if (isolation === undefined) throw new Error('tasks are no longer isolated');
  const executor = executorOf(jobs, isolation);
  return {
    jobs,
    executor,
    restarted: async () => executorOf(jobs, isolation),
    jobUrl: jobs.jobUrl,
    keep: ({ arn }: { arn: string }) =>
      writeFile(join(jobs.dataDir, 'tasks', arn.slice('process:'.length), 'keep'), ''),
    unknownTask: { executor: 'process', arn: 'process:never-1' },
    log: jobs.log,
    countProcesses,
    close: async () => {
      for (const name of await readdir(join(jobs.dataDir, 'tasks'))) {
        await executor.remove({ executor: 'process', arn: `process:${name}` });
      }
      await jobs.close();
    },
  };
}

if (isIsolated) {
  describeExecutor('isolated process', setup, { launchesOnceInRace: true });
  describeRealExecutor('isolated process', setup);
}

const describeIsolated = isIsolated ? describe : describe.skip; // No namespaces here; CI has failed above.
describeIsolated('an isolated task', () => {
  let world: Awaited<ReturnType<typeof setup>>;
  beforeEach(async () => {
    world = await setup();
  });
  afterEach(() => world.close());

  async function outputOf(command: string, executor = world.executor): Promise<string> {
    const id = runId(`attack-${Math.random().toString(36).slice(2)}`);
    const { arn } = await executor.launch({
      runId: id,
      projectId: projectId('project'),
      launch: 1,
      jobUrl: await world.jobUrl(id, `set +e; ${command}`),
      cpuUnits: 512,
      memoryMib: 512,
      timeoutSeconds: 60,
      env: { RUN_ID: id },
      untrusted: false,
    });
    await eventually('the task to stop', async () => {
      const status = (await executor.describe([{ executor: 'process', arn }])).get(arn);
      return status?.lastStatus === 'STOPPED';
    });
    return world.log(id);
  }

  it('sees neither the key nor the database nor the objects of the server', async () => {
    const { dataDir } = world.jobs;
    await mkdir(join(dataDir, 'database'));
    await writeFile(join(dataDir, 'database', 'CURRENT'), 'stored');
    const output = await outputOf(
      `echo "seen: $(ls -A ${dataDir} | tr '\\n' ' ')"; cat ${dataDir}/objects.key`,
    );
    expect(output).toContain('seen: tasks ');
    expect(output).toContain(`cat: ${dataDir}/objects.key: No such file or directory`);
    expect(output).not.toContain((await readFile(join(dataDir, 'objects.key'), 'utf8')).trim());
  });

  it('does not get at them by mounting, or by a separate namespace', async () => {
    const { dataDir } = world.jobs;
    const output = await outputOf(
      `umount ${dataDir}; umount -l ${dataDir}; unshare --user --map-root-user --mount sh -c 'umount ${dataDir}; cat ${dataDir}/objects.key'; echo "seen: $(ls ${dataDir})"`,
    );
    expect(output).toContain('seen: tasks');
    expect(output).toContain('objects.key: No such file or directory');
  });

  it('sees no process of the server or of other tasks', async () => {
    const output = await outputOf(
      'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -c "^JEST_WORKER_ID\\|^npm_" ; ls /proc | grep -c "^[0-9]"; true',
    );
    const [secrets, processes] = output.match(/^\d+$/gm) ?? [];
    expect(secrets).toBe('0');
    expect(Number(processes)).toBeLessThan(12);
  });

  it('leaves no process behind, even in a separate session with an empty environment', async () => {
    const sleep = uniqueSleep();
    await outputOf(`setsid env -i /bin/sleep ${sleep.split(' ')[1]} >/dev/null 2>&1 & sleep 0.3`);
    expect(await countProcesses(`/bin/${sleep}`)).toBe(0);
  });

  it('cannot change Berth, and sees hidden files as empty', async () => {
    const secrets = join(world.jobs.dataDir, '..', 'secrets.env');
    await writeFile(secrets, 'BERTH_API_KEY=secret-of-the-server');
    const { isolation } = await isolationOf(world.jobs.dataDir, [secrets]);
    if (isolation === undefined) throw new Error('tasks are no longer isolated');
    const output = await outputOf(
      `echo x >> ${root}/package.json; echo "hidden: [$(cat ${secrets})]"`,
      executorOf(world.jobs, isolation),
    );
    expect(output).toContain('Read-only file system');
    expect(output).toContain('hidden: []');
  });

  it('is possible with the home directory read-only, whatever is mounted in it, also around the data directory', async () => {
    const { dataDir } = world.jobs;
    for (const directory of [homedir(), join(dataDir, '..')]) {
      const found = await findIsolation({
        platform: process.platform,
        dataDir,
        hiddenFiles: [],
        readOnlyDirectories: [directory],
      });
      expect(found).not.toHaveProperty('why');
      if (found.isolation === undefined) continue;
      const output = await outputOf(
        `touch ${directory}/berth-was-here; touch inside && echo written`,
        executorOf(world.jobs, found.isolation),
      );
      expect(output).toContain('Read-only file system');
      expect(output).toContain('written');
    }
  });

  it('is the user that it was, and writes to its own directories', async () => {
    const output = await outputOf('id -u; touch "$HOME/a" "$TMPDIR/b" c && echo written');
    expect(output).toContain(String(process.getuid?.()));
    expect(output).toContain('written');
  });
});

describe('code that Berth does not trust', () => {
  it('is refused, isolated or not', async () => {
    const jobs = await localJobs();
    const executor = executorOf(jobs, { wrap: (_directory, command) => command });
    const request = {
      runId: runId('fork'),
      projectId: projectId('project'),
      launch: 1,
      jobUrl: 'http://127.0.0.1:1/job.json',
      cpuUnits: 512,
      memoryMib: 512,
      timeoutSeconds: 60,
      env: {},
      untrusted: true,
    };
    await expect(executor.launch(request)).rejects.toMatchObject({ code: 'isolation_required' });
    await jobs.close();
  });
});
