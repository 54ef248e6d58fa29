import { describe, expect, it } from '@jest/globals';
import type { Turn } from '../../../app/core/model/hold.ts';
import { type RunId, runId } from '../../../app/core/model/ids.ts';
import type { Stack } from '../../../app/core/model/stack.ts';
import type { Store } from '../../../app/ports/store.ts';
import { holdChanges } from '../../helpers/hold-changes.ts';
import { alice, atOnce, bob, found, freeStack, heldStack, minute, newProjectId, params } from './samples.ts';

const [one, two, three] = [runId('run-1'), runId('run-2'), runId('run-3')];
const alone = (run: RunId): Turn => ({ runId: run, shares: false });
const shared = (run: RunId): Turn => ({ runId: run, shares: true });

/** Runs of one holder that take turns on its stack, or share it. */
export function turnsContract(store: () => Store): void {
  const renew = (held: Stack, turn: Turn): Promise<Stack | 'not held' | 'busy'> =>
    holdChanges(store()).renew(held.projectId, held.number, params(alice, { turn, now: minute(2) }));

  describe("a run's turn on a stack", () => {
    it('starts with its parameters', async () => {
      const project = newProjectId();
      const made = await heldStack(store(), project, 1, { turn: alone(one) });
      expect(made.activeRuns).toEqual([one]);
      const free = await freeStack(store(), project, 2);
      const taken = await holdChanges(store()).take(free, params(alice, { turn: alone(two) }));
      expect(taken?.activeRuns).toEqual([two]);
    });

    it('excludes every other run until it ends', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: alone(one) });
      expect(await renew(held, alone(two))).toBe('busy');
      expect(await renew(held, shared(two))).toBe('busy');
      await holdChanges(store()).leave(held.projectId, 1, one, { now: minute(3) });
      expect(await renew(held, alone(two))).toMatchObject({ activeRuns: [two] });
    });

    it('can be requested again by the run that has it', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: alone(one) });
      expect(await renew(held, alone(one))).toMatchObject({ activeRuns: [one], token: held.token });
    });

    it('can be shared by runs that all share', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: shared(one) });
      expect(await renew(held, alone(three))).toBe('busy');
      const both = await renew(held, shared(two));
      expect(both).toMatchObject({ token: held.token });
      expect(both === 'busy' || both === 'not held' ? [] : [...both.activeRuns].sort()).toEqual([one, two]);
      expect(await renew(held, shared(one))).toMatchObject({ token: held.token });
      expect(await renew(held, alone(one))).toBe('busy');
    });

    it('goes to one of twenty parallel runs', async () => {
      const held = await heldStack(store(), newProjectId(), 1);
      const answers = await atOnce(20, (index) => renew(held, alone(runId(`racer-${index}`))));
      expect(answers.filter((answer) => answer === 'busy')).toHaveLength(19);
      expect((await store().stacks.get(held.projectId, 1))?.activeRuns).toHaveLength(1);
    });

    it('is refused to a run whose holder lost the stack', async () => {
      const held = await heldStack(store(), newProjectId(), 1);
      await holdChanges(store()).release(held, minute(2));
      await holdChanges(store()).take(found(await store().stacks.get(held.projectId, 1)), params(bob));
      expect(await renew(held, alone(one))).toBe('not held');
    });

    it('protects the stack from acquisition, even with an expired lease', async () => {
      const times = { leaseUntil: minute(5), reclaimAt: minute(4) };
      const held = await heldStack(store(), newProjectId(), 1, { ...times, turn: alone(one) });
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(9) }))).toBeUndefined();

      const idle = found(await holdChanges(store()).leave(held.projectId, 1, one, { now: minute(6) }));
      await holdChanges(store()).renew(held.projectId, 1, params(alice, { ...times, turn: alone(two) }));
      expect(await holdChanges(store()).take(idle, params(bob, { now: minute(9) }))).toBeUndefined();
    });

    it('protects the stack from release until it ends', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: alone(one) });
      expect(await holdChanges(store()).release(held, minute(2))).toBe(false);
      await holdChanges(store()).leave(held.projectId, 1, one, { now: minute(2) });
      expect(await holdChanges(store()).release(held, minute(2))).toBe(true);
      const freed = found(await store().stacks.get(held.projectId, 1));
      expect(freed.hold).toBeUndefined();
      expect(freed.activeRuns).toEqual([]);
    });

    it('protects the stack from release with a read from before the turn', async () => {
      const seen = await heldStack(store(), newProjectId(), 1);
      await renew(seen, alone(one));
      expect(await holdChanges(store()).release(seen, minute(3))).toBe(false);
    });

    it('ends, and the stack is idle from then on', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: shared(one) });
      await renew(held, shared(two));
      const left = await holdChanges(store()).leave(held.projectId, 1, one, { now: minute(3) });
      expect(left).toMatchObject({ activeRuns: [two], modified: minute(3), token: held.token });
      const idle = await holdChanges(store()).leave(held.projectId, 1, two, {
        now: minute(4),
        reclaimAt: minute(14),
      });
      expect(idle).toMatchObject({ activeRuns: [], hold: { holder: alice, reclaimAt: minute(14) } });
      const pool = await store().stacks.view(held.projectId, 'main', undefined);
      expect(pool.expiring).toEqual([idle]);
    });

    it('ends for each of several parallel runs', async () => {
      const runs = [one, two, three];
      const held = await heldStack(store(), newProjectId(), 1, { leaseUntil: minute(30) });
      for (const run of runs) {
        const turn = shared(run);
        await holdChanges(store()).renew(held.projectId, 1, params(alice, { turn, leaseUntil: minute(30) }));
      }
      await Promise.all(
        runs.map((run) => holdChanges(store()).leave(held.projectId, 1, run, { now: minute(3) })),
      );
      const pool = await store().stacks.view(held.projectId, 'main', undefined);
      expect(pool.expiring).toMatchObject([{ number: 1, activeRuns: [] }]);
    });

    it('can be ended by a run without one, without effect', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: alone(one) });
      expect(await holdChanges(store()).leave(held.projectId, 1, two, { now: minute(3) })).toEqual(held);
      expect(await holdChanges(store()).leave(held.projectId, 9, two, { now: minute(3) })).toBeUndefined();
    });

    it('continues when the holder requests its stack without a run', async () => {
      const held = await heldStack(store(), newProjectId(), 1, { turn: alone(one) });
      const asked = await holdChanges(store()).renew(
        held.projectId,
        1,
        params(alice, { now: minute(2), leaseUntil: minute(3) }),
      );
      expect(asked).toMatchObject({ activeRuns: [one], hold: { leaseUntil: minute(3) } });
      expect(await renew(held, alone(two))).toBe('busy');
    });
  });
}
