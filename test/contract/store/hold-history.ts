import { describe, expect, it } from '@jest/globals';
import type { Store } from '../../../app/ports/store.ts';
import { holdChanges } from '../../helpers/hold-changes.ts';
import { alice, bob, found, heldStack, minute, newProjectId, params } from './samples.ts';

/** The holders and deployments of a stack. */
export function holdHistoryContract(store: () => Store): void {
  const holdsOf = (stack: Parameters<Store['holds']['noteEnd']>[0]) =>
    store().holds.list(stack.projectId, stack.number);

  describe('the history of a stack', () => {
    it('contains its holds, the latest first, with their deployments', async () => {
      const first = await heldStack(store(), newProjectId(), 1);
      await store().holds.noteDeployment(first, { commit: 'abc def', at: minute(3) });
      await store().holds.noteDeployment(first, { commit: 'b2', at: minute(2) });
      await store().holds.noteEnd(first, minute(5));
      await holdChanges(store()).release(first, minute(5));
      const free = found(await store().stacks.get(first.projectId, 1));
      const second = found(
        await holdChanges(store()).take(free, params(bob, { branch: 'topic', now: minute(6) })),
      );
      await store().holds.noteEnd(second, minute(9));
      expect(await holdsOf(first)).toEqual([
        { token: 2, holder: bob, branch: 'topic', since: minute(6), until: minute(9), deployments: [] },
        {
          token: 1,
          holder: alice,
          branch: 'main',
          since: minute(1),
          until: minute(5),
          deployments: [
            { commit: 'b2', at: minute(2) },
            { commit: 'abc def', at: minute(3) },
          ],
        },
      ]);
    });

    it('uses the latest end of a hold, in any order of writes', async () => {
      const stack = await heldStack(store(), newProjectId(), 1);
      for (const at of [4, 8, 6]) await store().holds.noteEnd(stack, minute(at));
      expect(await holdsOf(stack)).toMatchObject([{ token: 1, until: minute(8) }]);
    });

    it('records a deployment after the hold has ended, and each one once', async () => {
      const stack = await heldStack(store(), newProjectId(), 1);
      await store().holds.noteEnd(stack, minute(4));
      await holdChanges(store()).release(stack, minute(4));
      const free = found(await store().stacks.get(stack.projectId, 1));
      await store().holds.noteDeployment(free, { commit: 'abc', at: minute(5) });
      expect(await holdsOf(stack)).toMatchObject([
        { until: minute(4), deployments: [{ commit: 'abc', at: minute(5) }] },
      ]);
    });

    it('is bounded: the oldest holds are overwritten', async () => {
      const stack = await heldStack(store(), newProjectId(), 1);
      for (let token = 1; token <= 103; token += 1)
        await store().holds.noteEnd({ ...stack, token }, minute(token));
      const holds = await holdsOf(stack);
      expect([holds.length, holds[0]?.token, holds.at(-1)?.token]).toEqual([100, 103, 4]);
    });

    it('keeps a bounded number of deployments of a hold', async () => {
      const stack = await heldStack(store(), newProjectId(), 1);
      for (let at = 0; at < 55; at += 1)
        await store().holds.noteDeployment(stack, { commit: `c${at}`, at: minute(at) });
      expect((await holdsOf(stack))[0]?.deployments).toHaveLength(50);
    });

    it('of one stack is not that of another', async () => {
      const project = newProjectId();
      const one = await heldStack(store(), project, 1);
      const eleventh = await heldStack(store(), project, 11);
      await store().holds.noteEnd(eleventh, minute(2));
      expect(await holdsOf(one)).toEqual([]);
    });
  });
}
