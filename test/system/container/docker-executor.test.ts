import { randomBytes } from 'node:crypto';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { taskLabels } from '../../../app/adapters/docker/container-spec.ts';
import { connectEngine, type DockerEngine } from '../../../app/adapters/docker/docker-engine.ts';
import { type DockerExecutorOptions, dockerExecutor } from '../../../app/adapters/docker/docker-executor.ts';
import { recordStop } from '../../../app/adapters/local/stop-record.ts';
import { systemClock } from '../../../app/adapters/system/system-clock.ts';
import { systemIds } from '../../../app/adapters/system/system-ids.ts';
import { projectId, runId } from '../../../app/core/model/ids.ts';
import type { TaskRef, TaskStatus } from '../../../app/core/model/task.ts';
import type { Executor, LaunchRequest } from '../../../app/ports/executor.ts';
import { chooseExecutor } from '../../../app/wiring/choose-executor.ts';
import { describeExecutor, describeRealExecutor } from '../../contract/executor.ts';
import { countProcesses } from '../../helpers/count-processes.ts';
import { eventually } from '../../helpers/eventually.ts';
import { type LocalJobs, localJobs } from '../../helpers/local-jobs.ts';
import { silentLogger } from '../../helpers/silent-logger.ts';

const address = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
const image = process.env.BERTH_RUNNER_IMAGE ?? 'berth-runner:test';

async function optionsFor(jobs: LocalJobs, engine: DockerEngine): Promise<DockerExecutorOptions> {
  return {
    engine,
    dataDir: jobs.dataDir,
    instance: jobs.instance,
    image,
    socketDirectory: jobs.socketDir,
    port: jobs.port,
    network: 'bridge',
    readonlyRootfs: false,
    diskGib: 20,
    clock: systemClock,
    ids: systemIds,
    logger: silentLogger,
  };
}

/** The exposure of a server that only this machine reaches. */
const place = { exposure: { isLoopback: true, hasApp: false }, installDir: '/opt', secretFiles: [] };

async function setup() {
  const jobs = await localJobs();
  const engine = await connectEngine(address, process.platform);
  const options = await optionsFor(jobs, engine);
  const executor = dockerExecutor(options);
  return {
    executor,
    restarted: async () => dockerExecutor(options),
    jobUrl: (id: Parameters<LocalJobs['jobUrl']>[0], command: string) =>
      jobs.jobUrl(id, command, executor.objectsBaseUrl),
    localRepository: jobs.repository.path,
    keep: ({ arn }: TaskRef) =>
      writeFile(join(jobs.dataDir, 'tasks', arn.slice('docker:'.length), 'keep'), ''),
    unknownTask: { executor: 'docker', arn: 'docker:never-1' },
    log: jobs.log,
    countProcesses,
    close: async () => {
      await removeAll(executor, jobs.dataDir);
      await jobs.close();
    },
  };
}

async function removeAll(executor: Executor, dataDir: string): Promise<void> {
  const names = await readdir(join(dataDir, 'tasks')).catch(() => []);
  for (const name of names) await executor.remove({ executor: 'docker', arn: `docker:${name}` });
}

describeExecutor('docker', setup, { launchesOnceInRace: true });
describeRealExecutor('docker', setup);

describe('a container of the docker executor', () => {
  let jobs: LocalJobs;
  let options: DockerExecutorOptions;
  let executor: Executor;
  beforeEach(async () => {
    jobs = await localJobs();
    options = await optionsFor(jobs, await connectEngine(address, process.platform));
    executor = dockerExecutor(options);
  });
  afterEach(async () => {
    await removeAll(executor, jobs.dataDir);
    await jobs.close();
  });

  const requestOf = async (
    command: string,
    change: Partial<LaunchRequest> = {},
    auth?: Parameters<LocalJobs['jobUrl']>[3],
  ): Promise<LaunchRequest> => {
    const id = runId(`D${randomBytes(8).toString('hex')}`);
    return {
      runId: id,
      projectId: projectId('project'),
      launch: 1,
      jobUrl: await jobs.jobUrl(id, command, executor.objectsBaseUrl, auth),
      cpuUnits: 512,
      memoryMib: 512,
      timeoutSeconds: 300,
      env: {},
      untrusted: false,
      localRepository: jobs.repository.path,
      ...change,
    };
  };
  const reached = (by: Executor, arn: string, wanted: TaskStatus['lastStatus']) =>
    eventually(`the task to be ${wanted}`, async () => {
      const status = (await by.describe([{ executor: 'docker', arn }])).get(arn);
      return status?.lastStatus === wanted && status;
    });
  async function outputOf(by: Executor, request: LaunchRequest): Promise<string> {
    await reached(by, (await by.launch(request)).arn, 'STOPPED');
    return jobs.log(request.runId);
  }
  const containersOf = (request: LaunchRequest) =>
    options.engine.docker.listContainers({ all: true, filters: { label: [`berth.run=${request.runId}`] } });
  const networksOf = (request: LaunchRequest) =>
    options.engine.docker.listNetworks({ filters: { label: [`berth.run=${request.runId}`] } });

  it('has no capabilities and cannot gain any', async () => {
    const output = await outputOf(executor, await requestOf('cat /proc/self/status'));
    expect(output).toMatch(/^CapEff:\s+0+$/m);
    expect(output).toMatch(/^CapBnd:\s+0+$/m);
    expect(output).toMatch(/^NoNewPrivs:\s+1$/m);
  });

  it('is not run as root', async () => {
    expect(await outputOf(executor, await requestOf('echo "uid $(id -u)"'))).toMatch(/^uid [1-9]\d*$/m);
  });

  it('has a route that rejects link-local addresses', async () => {
    // Flags 0x0201: up, and a reject. See include/uapi/linux/route.h.
    const output = await outputOf(executor, await requestOf('cat /proc/net/route'));
    expect(output).toMatch(/^\*\s+0000FEA9\s+00000000\s+0201\s.*\s0000FFFF\s/m);
  });

  it.each([
    ['as any program asks', 'exec 3<>/dev/tcp/169.254.169.254/80'],
    [
      'past the routes',
      `perl -MSocket -e 'socket(S,AF_INET,SOCK_STREAM,0); setsockopt(S,SOL_SOCKET,25,"eth0\\0") or die "bind: $!\\n"; connect(S,sockaddr_in(80,inet_aton("169.254.169.254"))) or die "$!\\n"; print "CONNECTED\\n"'`,
    ],
  ])('is refused the metadata address, %s', async (_, command) => {
    const output = await outputOf(executor, await requestOf(`timeout 20 ${shell(command)} 2>&1`));
    expect(output).toContain('No route to host');
  });

  it('keeps from its tests the job, with the token of the checkout', async () => {
    // In halves, so that the command itself is not what is found.
    const [first, second] = [randomBytes(8).toString('hex'), randomBytes(8).toString('hex')];
    const request = await requestOf(
      `python3 - ${first} ${second} <<'EOF'\n${lookEverywhere}\nEOF`,
      {},
      {
        kind: 'basic',
        username: 'x-access-token',
        password: first + second,
      },
    );
    const output = await outputOf(executor, request);
    expect(output).toMatch(/^looked into [1-9]\d* of \d+ processes and [1-9]\d* files$/m);
    expect(output).not.toContain('FOUND');
    expect(await jobs.result(request.runId)).toMatchObject({ outcome: 'succeeded' });
  });

  it('cannot see other runs', async () => {
    const other = await requestOf('sleep 600');
    const { arn } = await executor.launch(other);
    await reached(executor, arn, 'RUNNING');
    // In halves, so that the command itself is not what is found.
    const [first, second] = [other.runId.slice(0, 9), other.runId.slice(9)];
    const look = `ps -e -o args=; mount; ls -A /berth /berth-task; find / -xdev -name "*${first}"'${second}*' || true`;
    const output = await outputOf(executor, await requestOf(look));
    expect(output).toContain('runner.js');
    expect(output).not.toContain(other.runId);
    await executor.stop({ executor: 'docker', arn }, 'enough');
  });

  it('ends in plain words when its runner runs out of memory', async () => {
    const request = await requestOf(`node -e 'const a = []; for (;;) a.push(Buffer.alloc(1e7, 1))'`, {
      memoryMib: 128,
    });
    const status = await reached(executor, (await executor.launch(request)).arn, 'STOPPED');
    const said = JSON.stringify([status.failure ?? null, await jobs.result(request.runId)]);
    expect(said).toMatch(/out of memory|out_of_memory/);
    expect(said).toContain('128 MiB');
  });

  it('holds a fork bomb in bounds', async () => {
    const bomb = await requestOf('bomb() { bomb | bomb & }; bomb; sleep 5; echo over', { memoryMib: 2048 });
    const { arn } = await executor.launch(bomb);
    await eventually('the bomb to go off', async () => (await jobs.log(bomb.runId)).includes('fork'));
    await executor.stop({ executor: 'docker', arn }, 'enough');
    await reached(executor, arn, 'STOPPED');
    await executor.remove({ executor: 'docker', arn });
    expect(await containersOf(bomb)).toEqual([]);
  });

  it('cannot reach the container of another run', async () => {
    const server = await requestOf(
      `hostname -I; node -e 'require("http").createServer((q, s) => s.end("neighbour")).listen(8080)'`,
    );
    const { arn } = await executor.launch(server);
    const output = await eventually('the neighbour to listen', async () => {
      const log = await jobs.log(server.runId);
      return /^\d+\.\d+\.\d+\.\d+/m.exec(log)?.[0];
    });
    const visitor = `exec 3<>/dev/tcp/${output}/8080 && echo REACHED`;
    expect(await outputOf(executor, await requestOf(`timeout 3 ${shell(visitor)} || echo no way`))).toContain(
      'no way',
    );
    await executor.stop({ executor: 'docker', arn }, 'enough');
  });

  it('has no way out with the network none, and still fetches its job and returns its result', async () => {
    const isolated = dockerExecutor({ ...options, network: 'none' });
    const request = await requestOf('ls /sys/class/net; exit 4');
    expect(await outputOf(isolated, request)).toMatch(/^lo$/m);
    expect(await networksOf(request)).toEqual([]);
    expect(await jobs.result(request.runId)).toMatchObject({ exitCode: 4 });
  });

  it('can write only to /tmp with a read-only root', async () => {
    const readonly = dockerExecutor({ ...options, readonlyRootfs: true });
    const request = await requestOf(
      'touch /tmp/here && echo written; touch /var/tmp/there || touch "$HOME/home" && echo home',
    );
    const output = await outputOf(readonly, request);
    expect(output).toContain('written');
    expect(output).toContain('Read-only file system');
    expect(output).toContain('home');
    expect(await jobs.result(request.runId)).toMatchObject({ outcome: 'succeeded' });
  });

  it('keeps long lines of characters of several bytes whole', async () => {
    const request = await requestOf(`node -e 'process.stdout.write("ü🚢x".repeat(30000) + "\\n")'`);
    expect(await outputOf(executor, request)).toContain('ü🚢x'.repeat(30_000));
  });

  it('leaves neither container nor network nor volume behind', async () => {
    const request = await requestOf('true');
    const { arn } = await executor.launch(request);
    await reached(executor, arn, 'STOPPED');
    expect(await networksOf(request)).toHaveLength(1);
    await executor.remove({ executor: 'docker', arn });
    expect(await containersOf(request)).toEqual([]);
    expect(await networksOf(request)).toEqual([]);
    expect(await readdir(join(jobs.dataDir, 'tasks'))).toEqual([]);
  });

  it('starts again after a crash that left a network, and the network is tidied up', async () => {
    const request = await requestOf('exit 6');
    const labels = taskLabels(request, jobs.instance);
    await options.engine.docker.createNetwork({ Name: `berth-${request.runId}-1-left`, Labels: labels });
    expect(await executor.listTasks()).toMatchObject([{ runId: request.runId }]);
    const { arn } = await executor.launch(request);
    expect(await reached(executor, arn, 'STOPPED')).toMatchObject({ exitCode: 6 });
    await executor.remove({ executor: 'docker', arn });
    expect(await networksOf(request)).toEqual([]);
  });

  it('continues after a crash between its start and the opening of its gate', async () => {
    const request = await requestOf('exit 8');
    const { arn } = await executor.launch(request);
    const name = `${request.runId}-1`;
    await executor.stop({ executor: 'docker', arn }, 'to start it again by hand');
    await reached(executor, arn, 'STOPPED');
    for (const file of ['go', 'stop.json']) await rm(join(jobs.dataDir, 'tasks', name, file));
    await options.engine.docker.getContainer(`berth-${name}`).start();
    const anew = dockerExecutor(options);
    expect(await anew.launch(request)).toMatchObject({ arn, lastStatus: 'RUNNING' });
    expect(await reached(anew, arn, 'STOPPED')).toMatchObject({ exitCode: 8 });
  });

  it('is stopped by the server that follows one that died while stopping it', async () => {
    const request = await requestOf('sleep 600');
    const { arn } = await executor.launch(request);
    await recordStop(join(jobs.dataDir, 'tasks', `${request.runId}-1`), { at: new Date(), reason: 'enough' });
    const status = await reached(dockerExecutor(options), arn, 'STOPPED');
    expect(status).toMatchObject({ stoppedReason: 'enough', desiredStatus: 'STOPPED' });
  });

  it('says that it was interrupted when someone kills it', async () => {
    const request = await requestOf('sleep 600');
    const { arn } = await executor.launch(request);
    await options.engine.docker.getContainer(`berth-${request.runId}-1`).kill();
    expect(await reached(executor, arn, 'STOPPED')).toMatchObject({
      exitCode: 137,
      failure: { code: 'interrupted' },
    });
  });

  it('is not touched by another server on the same engine', async () => {
    const request = await requestOf('sleep 600');
    const { arn } = await executor.launch(request);
    const task = { executor: 'docker', arn };
    const other = dockerExecutor({ ...options, instance: 'another', dataDir: join(jobs.dataDir, 'another') });
    expect((await other.describe([task])).size).toBe(0);
    expect(await other.listTasks()).toEqual([]);
    await other.stop(task, 'not yours');
    await other.remove(task);
    await expect(other.launch(request)).rejects.toMatchObject({ code: 'launch_failed' });
    expect(await reached(executor, arn, 'RUNNING')).toMatchObject({ desiredStatus: 'RUNNING' });
  });

  it('is not launched without its image, and says how to get it', async () => {
    const request = await requestOf('true', { image: 'nobody/has:this' });
    await expect(executor.launch(request)).rejects.toMatchObject({
      code: 'image_not_found',
      message: expect.stringContaining('has no image nobody/has:this'),
      hint: expect.stringContaining('docker pull nobody/has:this'),
    });
    expect(await networksOf(request)).toEqual([]);
  });
});

describe('the choice of an executor, where a Docker engine answers', () => {
  it.each([
    ['docker', image, /^docker: engine [\d.]+.* answers at .* and has the image /],
    ['process', 'nobody/has:this', /^process: the Docker engine at .* has no image nobody\/has:this; /],
  ])('is %s with the image %s', async (name, wantedImage, sentence) => {
    const jobs = await localJobs();
    const { engine: _, ...options } = await optionsFor(jobs, await connectEngine(address, process.platform));
    const choice = await chooseExecutor({
      ...options,
      ...place,
      wanted: 'auto',
      dockerHost: address,
      homeDir: jobs.dataDir,
      image: wantedImage,
      runnerPath: '/opt/runner.js',
      nodePath: process.execPath,
      taskEnv: { PATH: '/usr/bin:/bin' },
      objectsBaseUrl: 'http://127.0.0.1:3000',
      platform: process.platform,
    });
    expect([choice.executor.name, choice.reason]).toEqual([name, expect.stringMatching(sentence)]);
    await jobs.close();
  });

  it('is an error if docker was requested without the image', async () => {
    const jobs = await localJobs();
    const { engine: _, ...options } = await optionsFor(jobs, await connectEngine(address, process.platform));
    const choice = chooseExecutor({
      ...options,
      ...place,
      wanted: 'docker',
      dockerHost: address,
      homeDir: jobs.dataDir,
      image: 'nobody/has:this',
      runnerPath: '/opt/runner.js',
      nodePath: process.execPath,
      taskEnv: { PATH: '/usr/bin:/bin' },
      objectsBaseUrl: 'http://127.0.0.1:3000',
      platform: process.platform,
    });
    await expect(choice).rejects.toMatchObject({ code: 'image_not_found' });
    await jobs.close();
  });
});

/**
 * Python that looks for a secret, given in halves, and for the URL of the job wherever a test could look: in what the
 * kernel shows processes, in their memory, and in files.
 */
const lookEverywhere = `
import os, re, sys
secret = (sys.argv[1] + sys.argv[2]).encode()
job = b"BERTH_JOB_" + b"URL="
me, looked, processes, files = os.getpid(), 0, 0, 0

def search(place, data):
    for what in (secret, job):
        if what in data:
            print("FOUND", what[:10], "in", place)

for pid in filter(str.isdigit, os.listdir("/proc")):
    if int(pid) == me:
        continue
    processes += 1
    for name in ("environ", "cmdline"):
        try:
            with open(f"/proc/{pid}/{name}", "rb") as file:
                search(file.name, file.read())
        except OSError:
            pass
    try:
        with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", 0) as memory:
            looked += 1
            for start, end in re.findall(r"^(\\w+)-(\\w+) r", maps.read(), re.M):
                try:
                    memory.seek(int(start, 16))
                    for at in range(int(start, 16), int(end, 16), 1 << 20):
                        search(memory.name, memory.read(min(1 << 20, int(end, 16) - at)))
                except (OSError, ValueError, OverflowError):
                    pass
    except OSError:
        pass
for top in ("/tmp", "/home", "/berth-task", "/dev/shm", "/var/tmp"):
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            # Opening a pipe would wait for its other end.
            if not os.path.isfile(path):
                continue
            try:
                with open(path, "rb") as file:
                    files += 1
                    search(file.name, file.read())
            except OSError:
                pass
print("looked into", looked, "of", processes, "processes and", files, "files")
`;

/** A command for `bash` as one word. */
function shell(command: string): string {
  return `bash -c ${`'${command.replaceAll("'", `'\\''`)}'`}`;
}
