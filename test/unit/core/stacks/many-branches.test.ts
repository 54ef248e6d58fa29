import { describe, expect, it } from '@jest/globals';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { specOf, world } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';

describe('a project without a limit of stacks', () => {
  it.each([
    [11, 5],
    [100, 5],
  ])('starts %i branches with %i suites each, at the same time', async (branches, suites) => {
    let stackCalls = 0;
    const store = memoryStore(async (call) => {
      if (/^(stacks|holders|queue)\./.test(call)) stackCalls += 1;
    });
    const w = world({ store });
    const project = await w.project();
    const starts = Array.from({ length: branches * suites }, (_, index) => {
      const branch = `topic-${index % branches}`;
      const stack = { holder: holder.branch(branch), hold: 'branch' as const, shares: true };
      const spec = specOf({ branch, suite: `suite-${Math.floor(index / branches)}`, stack });
      return startRun(w.deps, { project, id: runId(`run-${index}`), spec, trigger: { kind: 'push' } });
    });
    await Promise.all(starts);
    // The clock stands still: whatever waits for a time does not start.
    await w.settle();
    const stacks = await w.deps.store.stacks.list(project.id);
    expect(stacks.map(({ activeRuns }) => activeRuns.length)).toEqual(Array(branches).fill(suites));
    expect(new Set(stacks.map(({ hold }) => hold?.holder)).size).toBe(branches);
    expect(await w.deps.store.queue.count(project.id)).toBe(0);
    expect((await w.deps.executor.listTasks()).length).toBe(branches * suites);
    // Four for a new stack of a branch, three for another run on it, and what concurrent creations repeat.
    expect(stackCalls).toBeLessThanOrEqual(branches * suites * 8);
  });
});
