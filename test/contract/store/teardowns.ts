import { describe, expect, it } from '@jest/globals';
import type { Handover, Turn } from '../../../app/core/model/hold.ts';
import { holder, type RunId, runId } from '../../../app/core/model/ids.ts';
import type { Stack } from '../../../app/core/model/stack.ts';
import type { Store } from '../../../app/ports/store.ts';
import { holdChanges } from '../../helpers/hold-changes.ts';
import { alice, atOnce, bob, found, heldStack, minute, newProjectId, params } from './samples.ts';

const [one, two] = [runId('run-1'), runId('run-2')];
const tearing = holder.run(runId('tearing'));
const turn = (run: RunId, teardown?: string): Turn => ({
  runId: run,
  shares: false,
  ...(teardown === undefined ? {} : { teardown }),
});
const to = (suite: string, run: RunId): Handover => ({
  holder: tearing,
  teardown: { suite, runId: run },
  checkAt: minute(20),
});

/** The steps between the end of a hold and the next hold. */
export function teardownsContract(store: () => Store): void {
  /** A stack that a run of the suite `e2e`, with a teardown, has used. */
  async function used(change: Parameters<typeof heldStack>[3] = {}): Promise<Stack> {
    const held = await heldStack(store(), newProjectId(), 1, { turn: turn(one, 'e2e'), ...change });
    await holdChanges(store()).leave(held.projectId, 1, one, { now: minute(2) });
    return found(await store().stacks.get(held.projectId, 1));
  }
  const again = async (held: Stack, run: RunId, teardown?: string): Promise<Stack> => {
    const renewed = await holdChanges(store()).renew(
      held.projectId,
      held.number,
      params(alice, { turn: turn(run, teardown), now: minute(3) }),
    );
    expect(renewed).toMatchObject({ activeRuns: [run] });
    return found(await holdChanges(store()).leave(held.projectId, held.number, run, { now: minute(4) }));
  };

  describe('a stack that must be torn down', () => {
    it('is known from the start of the turn', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: turn(one, 'e2e') });
      expect(held.teardowns).toEqual([{ suite: 'e2e', runId: one }]);
      expect(await store().stacks.get(held.projectId, 1)).toEqual(held);
    });

    it('is known once for each suite, from its latest run', async () => {
      let stack = await used();
      stack = await again(stack, two, 'e2e');
      expect(stack.teardowns).toEqual([{ suite: 'e2e', runId: two }]);
      stack = await again(stack, one, 'load');
      stack = await again(stack, runId('run-3'));
      expect([...(stack.teardowns ?? [])].sort((a, b) => (a.suite < b.suite ? -1 : 1))).toEqual([
        { suite: 'e2e', runId: two },
        { suite: 'load', runId: one },
      ]);
    });

    it('is not released, and not acquired after its lease or a long idle time', async () => {
      const stack = await used({ leaseUntil: minute(5), reclaimAt: minute(5) });
      expect(await holdChanges(store()).release(stack, minute(10))).toBe(false);
      expect(await holdChanges(store()).release(stack, minute(10), { expired: true })).toBe(false);
      expect(await holdChanges(store()).take(stack, params(bob, { now: minute(10) }))).toBeUndefined();
      expect(await store().stacks.get(stack.projectId, 1)).toEqual(stack);
    });

    it('is not acquired with a read from before its use', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { reclaimAt: minute(5) });
      await again(held, one, 'e2e');
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(10) }))).toBeUndefined();
      expect(await holdChanges(store()).release(held, minute(10))).toBe(false);
    });

    it('is transferred to the teardown run, with a new token, by one of many parallel attempts', async () => {
      const stack = await used({ leaseUntil: minute(5) });
      const passed = await atOnce(10, () =>
        holdChanges(store()).transferHold(stack, minute(6), to('e2e', one)),
      );
      const [after, ...more] = passed.filter((one) => one !== undefined);
      expect(more).toEqual([]);
      expect(after).toEqual({
        ...stack,
        modified: minute(6),
        revision: stack.revision + 1,
        token: stack.token + 1,
        checkAt: minute(20),
        hold: { holder: tearing, since: minute(6), teardownOf: one },
      });
      expect(await store().stacks.get(stack.projectId, 1)).toEqual(after);
      const due = await store().stacks.due(minute(20), 500);
      expect(due.some((item) => item.kind === 'stack' && item.stack.projectId === stack.projectId)).toBe(
        true,
      );
    });

    it('is held by that run until the run releases it', async () => {
      const stack = await used();
      const passed = found(await holdChanges(store()).transferHold(stack, minute(6), to('e2e', one)));
      const { projectId } = stack;
      expect(await holdChanges(store()).renew(projectId, 1, params(alice))).toBe('not held');
      expect(await holdChanges(store()).take(passed, params(bob, { now: minute(99) }))).toBeUndefined();
      const mine = params(tearing, { turn: turn(two), now: minute(7) });
      expect(await holdChanges(store()).renew(projectId, 1, mine)).toMatchObject({
        token: passed.token,
        hold: { holder: tearing, teardownOf: one },
        activeRuns: [two],
      });
      expect(await holdChanges(store()).release(passed, minute(8))).toBe(false);
      await holdChanges(store()).leave(projectId, 1, two, { now: minute(8) });
      expect(await holdChanges(store()).release(passed, minute(9))).toBe(true);
      const free = found(await store().stacks.get(projectId, 1));
      expect([free.hold, free.teardowns, free.token]).toEqual([undefined, undefined, passed.token]);
    });

    it('keeps its teardowns during a transfer', async () => {
      const stack = await again(await used(), two, 'load');
      const passed = await holdChanges(store()).transferHold(stack, minute(6), to('e2e', one));
      expect(passed?.teardowns).toEqual(stack.teardowns);
    });

    it('is not transferred after a change since the read', async () => {
      const stack = await used();
      await again(stack, two, 'load');
      expect(await holdChanges(store()).transferHold(stack, minute(6), to('e2e', one))).toBeUndefined();
    });
  });
}
