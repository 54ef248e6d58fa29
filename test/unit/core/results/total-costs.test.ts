import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../../app/core/model/ids.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { costOfRun } from '../../../../app/core/model/run-cost.ts';
import type { TaskStatus } from '../../../../app/core/model/task.ts';
import { totalCosts } from '../../../../app/core/results/total-costs.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { monthAfter, monthOf } from '../../../../app/lib/month.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';

const resources: NonNullable<TaskStatus['resources']> = {
  cpuUnits: 1024,
  memoryMib: 2048,
  architecture: 'X86_64',
  spot: false,
  region: 'us-east-1',
};
/** The cost of the task above, by AWS's price list. */
const hourUsd = 0.04048 + 2 * 0.004445;
const january = monthOf(new Date('2026-01-01'));
const spotTookIt = { code: 'interrupted' as const, message: 'Spot took the task away.', retryable: true };

const totalsOf = (w: World, project: Project) =>
  totalCosts(w.deps, project.id, { from: january, to: monthAfter(january, 1) });

/** Each call works at the second try at the latest, as a sweep would find it. */
async function stubbornly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch {
    await work();
  }
}

/** A run whose task is requested at the beginning and stops after an hour. */
async function anHour(w: World, project: Project, name: string, status: Partial<TaskStatus> = {}) {
  const id = runId(name);
  const start = () =>
    startRun(w.deps, { project, id, spec: specOf(), trigger: { kind: 'api' } }).then(() => w.settle());
  await stubbornly(start);
  await stubbornly(start);
  await stubbornly(() => sweep(w.deps));
  await stubbornly(w.settle);
  const arn = w.tasks.arnOf(name);
  w.tasks.set(arn, { lastStatus: 'RUNNING', resources, ...status });
  await look(w);
  w.clock.advance(3598);
  writeResult(w, id);
  w.tasks.set(arn, { lastStatus: 'STOPPED', exitCode: 0, stoppedAt: w.clock.now() });
  await look(w);
}

async function look(w: World): Promise<void> {
  w.clock.advance(2);
  for (const work of [() => sweep(w.deps), w.settle, () => sweep(w.deps), w.settle]) await stubbornly(work);
}

describe("the cost of a project's runs", () => {
  it("is the sum of each run's cost by the month in which it ended, including months without runs", async () => {
    const w = world({ deps: { cost: costOfRun } });
    const project = await w.project();
    await anHour(w, project, 'first');
    await anHour(w, project, 'second');
    w.clock.advance(31 * 86_400);
    await anHour(w, project, 'in February');
    const { months, total } = await totalsOf(w, project);
    expect(months).toEqual([
      { month: '2026-01', runs: 2, costUsd: expect.closeTo(2 * hourUsd, 4), unpricedRuns: 0 },
      { month: '2026-02', runs: 1, costUsd: expect.closeTo(hourUsd, 4), unpricedRuns: 0 },
    ]);
    expect(total).toEqual({ runs: 3, costUsd: expect.closeTo(3 * hourUsd, 4), unpricedRuns: 0 });
  });

  it('does not count free tasks', async () => {
    const w = world();
    const project = await w.project();
    await startRun(w.deps, { project, id: runId('local'), spec: specOf(), trigger: { kind: 'api' } });
    await w.settle();
    writeResult(w, runId('local'));
    w.tasks.set(w.tasks.arnOf('local'), { lastStatus: 'STOPPED', exitCode: 0 });
    await look(w);
    expect((await totalsOf(w, project)).total).toEqual({ runs: 0, costUsd: 0, unpricedRuns: 0 });
  });

  it('counts the runs with unknown prices', async () => {
    const w = world({ deps: { cost: costOfRun } });
    const project = await w.project();
    await anHour(w, project, 'far', { resources: { ...resources, region: 'mars-north-1' } });
    expect((await totalsOf(w, project)).total).toEqual({ runs: 1, costUsd: 0, unpricedRuns: 1 });
  });

  it('includes interrupted tasks and tasks that were observed only after they stopped', async () => {
    const w = world({ deps: { cost: costOfRun } });
    const project = await w.project();
    await startRun(w.deps, { project, id: runId('spot'), spec: specOf(), trigger: { kind: 'api' } });
    await w.settle();
    for (const launch of [1, 2]) {
      w.clock.advance(3598);
      w.tasks.set(w.tasks.arnOf('spot', launch), {
        lastStatus: 'STOPPED',
        resources,
        ...(launch === 1 ? { failure: spotTookIt } : {}),
      });
      await look(w);
    }
    expect((await totalsOf(w, project)).total).toMatchObject({
      runs: 1,
      costUsd: expect.closeTo(2 * hourUsd, 4),
    });
  });

  it('is exact after a crash between any two calls to the store', async () => {
    const fewestCalls = 20;
    let fatal = 0;
    let reached = true;
    while (reached) {
      fatal += 1;
      let left = Number.POSITIVE_INFINITY;
      const store = memoryStore(async () => {
        left -= 1;
        if (left === 0) throw new Error('killed');
      });
      const w = world({ store, deps: { cost: costOfRun } });
      const project = await w.project();
      left = fatal;
      await anHour(w, project, 'only');
      reached = left <= 0;
      left = Number.POSITIVE_INFINITY;
      expect([fatal, (await totalsOf(w, project)).total]).toEqual([
        fatal,
        { runs: 1, costUsd: expect.closeTo(hourUsd, 4), unpricedRuns: 0 },
      ]);
    }
    expect(fatal).toBeGreaterThan(fewestCalls);
  });
});
