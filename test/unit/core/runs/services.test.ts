import { describe, expect, it } from '@jest/globals';
import type { Deps } from '../../../../app/core/deps.ts';
import { runId } from '../../../../app/core/model/ids.ts';
import type { RunSpec } from '../../../../app/core/model/run.ts';
import type { Service } from '../../../../app/core/model/service.ts';
import { claimOf } from '../../../../app/core/model/slots.ts';
import type { TaskStatus } from '../../../../app/core/model/task.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import type { Sources } from '../../../../app/ports/sources.ts';
import { jobOf, specOf, world, writeResult } from '../../../helpers/memory-deps.ts';

const db: Service = {
  name: 'db',
  image: 'postgres:16',
  env: {},
  ports: [5432],
  cpuUnits: 512,
  memoryMib: 512,
  timeoutSeconds: 120,
};
const id = runId('r1');

async function started(spec: Partial<RunSpec> = {}, deps: Partial<Deps> = {}) {
  const w = world({ deps });
  const project = await w.project({});
  await startRun(w.deps, {
    project,
    id,
    spec: specOf({ services: [db], ...spec }),
    trigger: { kind: 'api' },
  });
  await w.settle();
  return w;
}

/** How a run ends whose task ends like this. */
async function outcomeOf(
  services: TaskStatus['services'],
  result: Parameters<typeof writeResult>[2],
  { seen }: { seen?: TaskStatus['services'] } = {},
) {
  const w = await started();
  const arn = w.tasks.arnOf(id);
  w.tasks.set(arn, { lastStatus: 'RUNNING', startedAt: w.clock.now(), ...(seen && { services: seen }) });
  await reconcileRun(w.deps, id);
  writeResult(w, id, result);
  w.tasks.set(arn, {
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    exitCode: 1,
    ...(services && { services }),
  });
  await reconcileRun(w.deps, id, new Map(await w.deps.executor.describe([{ executor: 'process', arn }])));
  const run = await w.deps.store.runs.get(id);
  return { state: run?.state, summary: run?.outcome?.summary };
}

const failed = { outcome: 'failed', exitCode: 1 } as const;

describe('the services of a run', () => {
  it('are launched next to its task, and their ports are in its job', async () => {
    const w = await started();
    expect(w.tasks.launched[0]).toMatchObject({ services: [db], cpuUnits: 512 });
    expect(jobOf(w, id).services).toEqual([
      { name: 'db', image: 'postgres:16', ports: [5432], timeoutSeconds: 120 },
    ]);
  });

  it('count as CPU of the run', async () => {
    const run = await (await started()).deps.store.runs.get(id);
    if (run === undefined) throw new Error('no run');
    expect(claimOf(run).cpuUnits).toBe(1024);
  });

  it('are refused by name before the run starts, if the executor cannot run them', async () => {
    const policy = { ...world().deps.policy, withoutServices: 'process' };
    await expect(started({}, { policy })).rejects.toMatchObject({
      code: 'services_unsupported',
      message: 'The process executor cannot run services (db).',
    });
    await started({ services: [] }, { policy });
  });

  it('are pulled with credentials that the run may read, which no job has', async () => {
    const source = { kind: 'git', url: 'https://git.example/shop.git', branch: 'main' } as const;
    const sources: Sources = {
      resolve: async ({ spec }) => ({
        source,
        secretEnv: Object.fromEntries(
          Object.keys(spec.secrets).map((name) => [name, '{"username":"me","password":"hunter2"}']),
        ),
      }),
    };
    const w = await started({ services: [{ ...db, credentials: 'secretsmanager:x' }] }, { sources });
    expect(w.tasks.launched[0]?.services?.[0]?.registry).toEqual({ username: 'me', password: 'hunter2' });
    expect(JSON.stringify(jobOf(w, id))).not.toContain('hunter2');
  });

  it('are not launched if the server cannot read their credentials', async () => {
    const w = await started({ services: [{ ...db, credentials: 'secretsmanager:x' }] });
    expect(w.tasks.launched).toEqual([]);
    expect(await w.deps.store.runs.get(id)).toMatchObject({
      state: 'errored',
      outcome: {
        errorCode: 'launch_failed',
        summary: expect.stringContaining('this server reads no secrets'),
      },
    });
  });
});

describe('a service that ended before its suite', () => {
  const exited = { name: 'db', state: 'stopped', exitCode: 1 } as const;

  it.each([
    ['as the executor saw', [{ ...exited, endedEarly: true as const }], {}, 'exited with 1'],
    [
      'as it ran out of memory',
      [{ ...exited, outOfMemory: true as const }],
      {},
      'ran out of memory (512 MiB)',
    ],
    ['as was seen before', [exited], { seen: [exited] }, 'exited with 1'],
  ])('is named as the cause of a failure, %s', async (_, services, more, what) => {
    expect(await outcomeOf(services, failed, more)).toEqual({
      state: 'failed',
      summary: expect.stringMatching(
        `^The service db ${what.replace(/[()]/g, '\\$&')} before the suite ended\\. The command failed`,
      ),
    });
  });

  it('is named if its ports refused connections after the command', async () => {
    const { summary } = await outcomeOf([exited], { ...failed, servicesDown: ['db'] });
    expect(summary).toContain('The service db exited with 1 before the suite ended.');
  });

  it('is not named if it was stopped with the task, or if the suite succeeded', async () => {
    expect((await outcomeOf([exited], failed)).summary).not.toContain('service');
    const early = [{ ...exited, endedEarly: true as const }];
    const { state, summary } = await outcomeOf(early, { outcome: 'succeeded', exitCode: 0 });
    expect([state, summary]).toEqual(['succeeded', 'The command succeeded.']);
  });
});
