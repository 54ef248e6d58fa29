import { beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { runId } from '../../../../app/core/model/ids.ts';
import { createMaintenance } from '../../../../app/core/runs/maintenance.ts';
import { stopOrphans } from '../../../../app/core/runs/stop-orphans.ts';
import type { Executor } from '../../../../app/ports/executor.ts';
import { aRun } from '../../../helpers/a-run.ts';
import { cases } from '../../../helpers/cases.ts';
import { type World, world } from '../../../helpers/memory-deps.ts';

type Listed = Awaited<ReturnType<Executor['listTasks']>>[number];

/** A world whose executor lists what the test says, and no more. */
function listing(tasks: () => readonly Listed[], failing: ReadonlySet<string> = new Set()) {
  const stopped: string[] = [];
  const w = world();
  const executor: Executor = {
    ...w.deps.executor,
    listTasks: async () => tasks(),
    stop: async ({ arn }) => {
      if (failing.has(arn)) throw new Error('AWS does not answer');
      stopped.push(arn);
    },
  };
  return { w: { ...w, deps: { ...w.deps, executor } }, stopped };
}

const taskOf = (name: string, keep = false): Listed => ({
  task: { executor: 'process', arn: `arn:${name}` },
  runId: runId(name),
  keep,
  isStopped: false,
});

describe('a task without an active run', () => {
  it('whose mark was lost is marked again before it is stopped', async () => {
    const { w, stopped } = listing(() => [taskOf('lost')]);
    await stopOrphans(w.deps);
    w.clock.advance(5 * w.deps.policy.maintenanceSeconds);
    await stopOrphans(w.deps);
    expect(stopped).toEqual([]);
    w.clock.advance(w.deps.policy.maintenanceSeconds);
    await stopOrphans(w.deps);
    expect(stopped).toEqual(['arn:lost']);
  });

  it('that cannot be stopped does not block the others, and is stopped again', async () => {
    const failing = new Set(['arn:stubborn']);
    const { w, stopped } = listing(() => [taskOf('stubborn'), taskOf('lost')], failing);
    await stopOrphans(w.deps);
    w.clock.advance(w.deps.policy.maintenanceSeconds);
    await stopOrphans(w.deps);
    expect(stopped).toEqual(['arn:lost']);
    failing.clear();
    w.clock.advance(w.deps.policy.maintenanceSeconds);
    await stopOrphans(w.deps);
    expect(stopped).toContain('arn:stubborn');
  });

  it('is stopped within three intervals, and no other task ever is, after any interleaving', async () => {
    const step = fc.record({
      seconds: fc.integer({ min: 1, max: 60 }),
      servers: fc.integer({ min: 1, max: 3 }),
      ends: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 30 }), async (steps) => {
        const names = ['a', 'b', 'c', 'd'];
        const endedAt = new Map<string, number>();
        const { w, stopped } = listing(() =>
          names.filter((name) => !stopped.includes(`arn:${name}`)).map((name) => taskOf(name)),
        );
        for (const name of names) {
          const { task } = taskOf(name);
          await w.deps.store.runs.create(aRun({ id: runId(name), state: 'running', task, launches: 1 }));
        }
        const servers = [createMaintenance(w.deps), createMaintenance(w.deps), createMaintenance(w.deps)];
        for (const one of steps) {
          w.clock.advance(one.seconds);
          await end(w, one.ends === undefined ? undefined : names[one.ends], endedAt);
          await Promise.all(servers.slice(0, one.servers).map((maintenance) => maintenance()));
          for (const arn of stopped) expect(endedAt.has(arn.slice('arn:'.length))).toBe(true);
        }
        for (let rounds = 0; rounds < 3; rounds += 1) {
          w.clock.advance(w.deps.policy.maintenanceSeconds);
          await Promise.all(servers.map((maintenance) => maintenance()));
        }
        expect(stopped.toSorted()).toEqual([...endedAt.keys()].map((name) => `arn:${name}`).toSorted());
      }),
      { numRuns: cases(50) },
    );
  });
});

async function end(w: World, name: string | undefined, endedAt: Map<string, number>): Promise<void> {
  if (name === undefined || endedAt.has(name)) return;
  const run = await w.deps.store.runs.get(runId(name));
  if (run === undefined) throw new Error(`there is no run ${name}`);
  await w.deps.store.runs.save({ ...run, state: 'succeeded' }, w.clock.now());
  endedAt.set(name, w.clock.now().getTime());
}

describe('maintenance', () => {
  let searches = 0;
  let w: World;
  beforeEach(() => {
    searches = 0;
    ({ w } = listing(() => {
      searches += 1;
      return [];
    }));
  });

  it('runs once in its interval, however many servers sweep', async () => {
    const servers = [createMaintenance(w.deps), createMaintenance(w.deps)];
    for (let sweeps = 0; sweeps < 60; sweeps += 1) {
      await Promise.all(servers.map((maintenance) => maintenance()));
      w.clock.advance(1);
    }
    expect(searches).toBe(60 / w.deps.policy.maintenanceSeconds);
  });

  it('queries the store only when its own clock says that it is due', async () => {
    let asked = 0;
    const { store } = w.deps;
    const maintenance = createMaintenance({
      ...w.deps,
      store: {
        ...store,
        maintenance: {
          ...store.maintenance,
          claim: (...args) => {
            asked += 1;
            return store.maintenance.claim(...args);
          },
        },
      },
    });
    for (let sweeps = 0; sweeps < 100; sweeps += 1) await maintenance();
    expect(asked).toBe(1);
  });
});
