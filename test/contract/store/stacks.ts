import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { holder, projectId, runId } from '../../../app/core/model/ids.ts';
import type { StackDeploy } from '../../../app/core/model/stack-deploy.ts';
import type { Store } from '../../../app/ports/store.ts';
import { holdChanges } from '../../helpers/hold-changes.ts';
import { alice, atOnce, bob, found, freeStack, heldStack, minute, newProjectId, params } from './samples.ts';

const numbers = (stacks: readonly { readonly number: number }[]): number[] =>
  stacks.map((stack) => stack.number);

/** Creating, acquiring, and releasing stacks. */
export function stacksContract(store: () => Store): void {
  describe('a view of the pool', () => {
    it('of a project without stacks is empty', async () => {
      const pool = await store().stacks.view(newProjectId(), 'main', alice);
      expect(pool).toEqual({
        affine: undefined,
        free: [],
        expiring: [],
        firstTicket: undefined,
        highestNumber: 0,
      });
    });

    it('has the available stacks, the one requested longest ago first', async () => {
      const project = newProjectId();
      await freeStack(store(), project, 1, 'a', 7);
      await freeStack(store(), project, 2, 'b', 5);
      await freeStack(store(), project, 3, 'c', 6);
      await heldStack(store(), project, 4);
      const pool = await store().stacks.view(project, 'main', alice);
      expect(numbers(pool.free)).toEqual([2, 3, 1]);
      expect(pool.highestNumber).toBe(4);
    });

    it('has the available stack that last had the branch, the most recent of several', async () => {
      const project = newProjectId();
      await freeStack(store(), project, 1, 'feature', 5);
      await freeStack(store(), project, 2, 'feature', 9);
      await freeStack(store(), project, 3, 'feature', 7);
      await freeStack(store(), project, 4, 'feature-2', 10);
      await heldStack(store(), project, 5, { branch: 'feature', now: minute(11) });
      const pool = await store().stacks.view(project, 'feature', undefined);
      expect(pool.affine?.number).toBe(2);
      expect((await store().stacks.view(project, 'feat', undefined)).affine).toBeUndefined();
    });

    it('has the held stacks whose lease or idle time ends, the earliest first', async () => {
      const project = newProjectId();
      await heldStack(store(), project, 1);
      await heldStack(store(), project, 2, { leaseUntil: minute(9) });
      await heldStack(store(), project, 3, { leaseUntil: minute(20), reclaimAt: minute(5) });
      await heldStack(store(), project, 4, { reclaimAt: minute(7) });
      const pool = await store().stacks.view(project, 'main', undefined);
      expect(numbers(pool.expiring)).toEqual([3, 4, 2]);
      expect(pool.free).toEqual([]);
    });

    it('knows the highest number beyond nine', async () => {
      const project = newProjectId();
      for (const number of [9, 10, 11]) await heldStack(store(), project, number);
      expect((await store().stacks.view(project, 'main', undefined)).highestNumber).toBe(11);
    });

    it('never shows stacks of another project, whatever its ID', async () => {
      const base = newProjectId();
      const like = [`${base}#1`, `POOL#${base}`, `${base}%231`, `${base}/`].map(projectId);
      await freeStack(store(), base, 1);
      for (const other of like) {
        const pool = await store().stacks.view(other, 'main', alice);
        expect(pool.highestNumber).toBe(0);
        expect(pool.free).toEqual([]);
        expect(await store().stacks.list(other)).toEqual([]);
      }
    });
  });

  describe('a stack', () => {
    it('is held from its creation on, with the first token', async () => {
      const project = newProjectId();
      const made = await holdChanges(store()).create(
        project,
        1,
        'test-1',
        params(alice, { branch: 'ünï/cødé #1', leaseUntil: minute(30), reclaimAt: minute(20) }),
      );
      expect(made).toEqual({
        projectId: project,
        number: 1,
        stackName: 'test-1',
        branch: 'ünï/cødé #1',
        created: minute(1),
        modified: minute(1),
        lastRequested: minute(1),
        token: 1,
        hold: { holder: alice, since: minute(1), leaseUntil: minute(30), reclaimAt: minute(20) },
        activeRuns: [],
        revision: 1,
        checkAt: minute(60),
      });
      expect(await store().stacks.get(project, 1)).toEqual(made);
    });

    it('is created once by parallel requests', async () => {
      const project = newProjectId();
      const made = await atOnce(20, () => holdChanges(store()).create(project, 1, 'test-1', params(alice)));
      expect(made.filter((stack) => stack !== undefined)).toHaveLength(1);
    });

    it('that does not exist is not found, and cannot be changed', async () => {
      const project = newProjectId();
      expect(await store().stacks.get(project, 7)).toBeUndefined();
      expect(await holdChanges(store()).renew(project, 7, params(alice))).toBe('not held');
      expect(await holdChanges(store()).setLastDeployedCommit(project, 7, 'abc', minute(1))).toBeUndefined();
      expect(await store().stacks.list(project)).toEqual([]);
    });

    it('keeps its branch, token, commit, and time of request when it is released', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1, { branch: 'feature', leaseUntil: minute(30) });
      await holdChanges(store()).setLastDeployedCommit(project, 1, 'abc123', minute(2));
      expect(await holdChanges(store()).release(held, minute(3))).toBe(true);
      expect(await store().stacks.get(project, 1)).toEqual({
        projectId: project,
        number: 1,
        stackName: 'test-1',
        branch: 'feature',
        lastDeployedCommit: 'abc123',
        created: minute(1),
        modified: minute(3),
        lastRequested: minute(1),
        token: 1,
        revision: 3,
        activeRuns: [],
      });
    });

    it('is acquired with a higher token, for the new holder and branch', async () => {
      const project = newProjectId();
      const free = await freeStack(store(), project, 1, 'old');
      const taken = await holdChanges(store()).take(free, params(bob, { branch: 'new', now: minute(5) }));
      expect(taken).toEqual({
        ...free,
        branch: 'new',
        modified: minute(5),
        lastRequested: minute(5),
        revision: free.revision + 1,
        token: free.token + 1,
        hold: { holder: bob, since: minute(5) },
        checkAt: minute(60),
      });
      expect(await store().stacks.get(project, 1)).toEqual(taken);
      expect((await store().stacks.view(project, 'old', undefined)).affine).toBeUndefined();
    });

    it('goes to one of fifty racing requests', async () => {
      const project = newProjectId();
      const free = await freeStack(store(), project, 1);
      const taken = await atOnce(50, (index) =>
        holdChanges(store()).take(free, params(index % 2 === 0 ? alice : bob, { branch: `b${index}` })),
      );
      const winners = taken.filter((stack) => stack !== undefined);
      expect(winners).toHaveLength(1);
      expect(winners[0]?.token).toBe(2);
      expect(await store().stacks.get(project, 1)).toEqual(winners[0]);
    });

    it('is acquired after its lease has expired, not before', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1, { leaseUntil: minute(10) });
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(9) }))).toBeUndefined();
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(10) }))).toMatchObject({
        token: 2,
        hold: { holder: bob },
      });
    });

    it('is acquired after a long idle time', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1, { reclaimAt: minute(10) });
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(9) }))).toBeUndefined();
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(11) }))).toMatchObject({
        token: 2,
      });
    });

    it('held without a lease is never acquired', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1);
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(1e6) }))).toBeUndefined();
    });

    it('whose lease was extended since the read is not acquired', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1, { leaseUntil: minute(10) });
      await holdChanges(store()).renew(project, 1, params(alice, { now: minute(9), leaseUntil: minute(30) }));
      expect(await holdChanges(store()).take(held, params(bob, { now: minute(11) }))).toBeUndefined();
    });

    it('whose expired hold went to another holder since the read is not acquired', async () => {
      const project = newProjectId();
      const seen = await heldStack(store(), project, 1, { leaseUntil: minute(10) });
      await holdChanges(store()).take(seen, params(bob, { now: minute(11), leaseUntil: minute(10) }));
      expect(await holdChanges(store()).take(seen, params(alice, { now: minute(12) }))).toBeUndefined();
    });

    it('that was acquired and released since the read is not acquired', async () => {
      const project = newProjectId();
      const seen = await freeStack(store(), project, 1);
      await holdChanges(store()).release(
        found(await holdChanges(store()).take(seen, params(bob))),
        minute(5),
      );
      expect(await holdChanges(store()).take(seen, params(alice))).toBeUndefined();
    });

    it('that is available cannot be released', async () => {
      const project = newProjectId();
      const free = await freeStack(store(), project, 1);
      expect(await holdChanges(store()).release(free, minute(5))).toBe(false);
    });

    it('is not released by a holder whose hold has ended', async () => {
      const project = newProjectId();
      const stale = await heldStack(store(), project, 1);
      await holdChanges(store()).release(stale, minute(2));
      const taken = found(
        await holdChanges(store()).take(found(await store().stacks.get(project, 1)), params(bob)),
      );
      expect(await holdChanges(store()).release(stale, minute(3))).toBe(false);
      expect(await store().stacks.get(project, 1)).toEqual(taken);
    });

    it('is released even if its holder repeated its request', async () => {
      const project = newProjectId();
      const seen = await heldStack(store(), project, 1, { leaseUntil: minute(10) });
      await holdChanges(store()).renew(project, 1, params(alice, { now: minute(5), leaseUntil: minute(15) }));
      expect(await holdChanges(store()).release(seen, minute(6))).toBe(true);
      expect(await store().stacks.get(project, 1)).toMatchObject({
        lastRequested: minute(5),
        activeRuns: [],
      });
    });

    it('is released for its expired lease only if the lease is still expired', async () => {
      const project = newProjectId();
      const seen = await heldStack(store(), project, 1, { leaseUntil: minute(10) });
      await holdChanges(store()).renew(project, 1, params(alice, { now: minute(9), leaseUntil: minute(20) }));
      expect(await holdChanges(store()).release(seen, minute(11), { expired: true })).toBe(false);
      expect(await holdChanges(store()).release(seen, minute(20), { expired: true })).toBe(true);
    });

    it('is renewed for its holder: the same token, a later lease', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1, { leaseUntil: minute(10) });
      const renewed = await holdChanges(store()).renew(
        project,
        1,
        params(alice, { branch: 'next', now: minute(4), leaseUntil: minute(20) }),
      );
      expect(renewed).toEqual({
        ...held,
        revision: held.revision + 1,
        branch: 'next',
        modified: minute(4),
        lastRequested: minute(4),
        hold: { holder: alice, since: minute(1), leaseUntil: minute(20) },
      });
      expect(await store().stacks.get(project, 1)).toEqual(renewed);
    });

    it('is not renewed for another holder', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1);
      expect(await holdChanges(store()).renew(project, 1, params(bob))).toBe('not held');
      await holdChanges(store()).release(held, minute(2));
      expect(await holdChanges(store()).renew(project, 1, params(alice))).toBe('not held');
    });

    it('records a deployed commit, held or not', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1);
      const set = (commit: string) =>
        holdChanges(store()).setLastDeployedCommit(project, 1, commit, minute(2));
      expect(await set('one')).toMatchObject({ lastDeployedCommit: 'one', modified: minute(2) });
      await holdChanges(store()).release(held, minute(3));
      expect(await set('five')).toMatchObject({ lastDeployedCommit: 'five' });
    });

    it('is saved by one of many who saw the same', async () => {
      const held = await heldStack(store(), newProjectId(), 1);
      const saved = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          store().stacks.save({ ...held, lastDeployedCommit: `c${index}` }, held),
        ),
      );
      const [winner, ...more] = saved.filter(({ status }) => status === 'fulfilled');
      expect(more).toEqual([]);
      expect(winner).toEqual({ status: 'fulfilled', value: await store().stacks.get(held.projectId, 1) });
      for (const one of saved)
        if (one.status === 'rejected') expect(one.reason).toMatchObject({ name: 'LostRace' });
    });

    it('keeps what was deployed through holds, and forgets it when its teardown begins', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1);
      const at = { projectId: project, number: 1, token: held.token };
      const begun = { runId: runId('deploy-1'), at: minute(2), commit: 'one' };
      const note = (deploy: StackDeploy, token = held.token, name = 'deploy') =>
        holdChanges(store()).noteDeploy({ ...at, token }, name, deploy, minute(3));
      expect(await note({ begun })).toMatchObject({ deploys: { deploy: { begun } }, modified: minute(3) });
      expect((await store().stacks.get(project, 1))?.lastDeployedCommit).toBeUndefined();
      const done = {
        ...begun,
        commit: 'one',
        seconds: 90,
        recipe: 'r',
        outputs: { url: 'https://x.test' },
        url: 'https://x.test',
      };
      expect(await note({ done })).toMatchObject({
        lastDeployedCommit: 'one',
        deploys: { deploy: { done } },
      });
      expect(await note({ done: { ...done, commit: 'two' } }, held.token, 'deploy/web')).toMatchObject({
        lastDeployedCommit: 'two',
        deploys: { deploy: { done }, 'deploy/web': { done: { commit: 'two' } } },
      });
      expect(await note({ done: { ...done, commit: 'late' } }, held.token + 1)).toBeUndefined();
      await holdChanges(store()).release(held, minute(4));
      expect(await note({ done: { ...done, commit: 'late' } })).toBeUndefined();
      const free = found(await store().stacks.get(project, 1));
      const taken = found(await holdChanges(store()).take(free, params(bob)));
      expect(taken).toMatchObject({ lastDeployedCommit: 'two', deploys: { deploy: { done } } });
      const to = {
        holder: holder.run(runId('td')),
        teardown: { suite: 'unit', runId: runId('r1') },
        checkAt: minute(9),
      };
      const handed = found(await holdChanges(store()).transferHold(taken, minute(5), to));
      expect(handed.deploys).toBeUndefined();
      expect(handed.lastDeployedCommit).toBeUndefined();
      expect(await store().stacks.get(project, 1)).toEqual(handed);
    });

    it('that is held, or was acquired since the read, is not deleted', async () => {
      const project = newProjectId();
      const free = await freeStack(store(), project, 1);
      const taken = found(await holdChanges(store()).take(free, params(bob)));
      expect(await holdChanges(store()).delete(free)).toBe(false);
      expect(await holdChanges(store()).delete(taken)).toBe(false);
      await holdChanges(store()).release(taken, minute(3));
      expect(await holdChanges(store()).delete(free)).toBe(false);
      expect(await store().stacks.get(project, 1)).toBeDefined();
    });

    it('does not exist after its deletion', async () => {
      const project = newProjectId();
      const first = await freeStack(store(), project, 1, 'a');
      const second = await freeStack(store(), project, 2, 'b');
      expect(await holdChanges(store()).delete(second)).toBe(true);
      expect(await holdChanges(store()).delete(second)).toBe(false);
      expect(await store().stacks.get(project, 2)).toBeUndefined();
      expect(await store().stacks.list(project)).toEqual([first]);
      expect(await holdChanges(store()).take(second, params(bob))).toBeUndefined();
      expect(await holdChanges(store()).setLastDeployedCommit(project, 2, 'abc', minute(1))).toBeUndefined();
      const pool = await store().stacks.view(project, 'b', alice);
      expect(pool).toMatchObject({ affine: undefined, free: [{ number: 1 }], highestNumber: 1 });
    });

    it('that is created again continues with its tokens: two holds never share one', async () => {
      const project = newProjectId();
      const free = await freeStack(store(), project, 1);
      const taken = found(await holdChanges(store()).take(free, params(bob)));
      await holdChanges(store()).release(taken, minute(3));
      await holdChanges(store()).delete(found(await store().stacks.get(project, 1)));
      const again = found(
        await holdChanges(store()).create(project, 1, 'test-1', params(alice, { now: minute(9) })),
      );
      expect(again.token).toBeGreaterThan(taken.token);
      expect(again).toMatchObject({ created: minute(9), activeRuns: [], hold: { holder: alice } });
      expect(again).not.toHaveProperty('lastDeployedCommit');
    });
  });

  describe('the list of stacks', () => {
    it('is in the order of the numbers', async () => {
      const project = newProjectId();
      for (const number of [10, 2, 9, 1, 11]) await heldStack(store(), project, number);
      expect(numbers(await store().stacks.list(project))).toEqual([1, 2, 9, 10, 11]);
    });
  });

  describe('a hold', () => {
    const dueStacks = async (project: string, now: Date): Promise<number[]> => {
      const due = await store().stacks.due(now, 1000);
      return due.flatMap((item) =>
        item.kind === 'stack' && item.stack.projectId === project ? [item.stack.number] : [],
      );
    };

    it('is due when it must be reconciled', async () => {
      const project = newProjectId();
      await heldStack(store(), project, 1, { checkAt: minute(5) });
      await heldStack(store(), project, 2, { checkAt: minute(3) });
      expect(await dueStacks(project, minute(2))).toEqual([]);
      expect(await dueStacks(project, minute(3))).toEqual([2]);
      expect(await dueStacks(project, minute(9))).toEqual([2, 1]);
    });

    it("keeps its lease during a turn of its holder's run, and is due when the lease ends", async () => {
      const project = newProjectId();
      await heldStack(store(), project, 1, { leaseUntil: minute(10), checkAt: minute(10) });
      const turn = { runId: runId(randomUUID()), shares: false };
      const renewed = await holdChanges(store()).renew(project, 1, params(alice, { now: minute(4), turn }));
      expect(renewed).toMatchObject({ activeRuns: [turn.runId], hold: { leaseUntil: minute(10) } });
      const left = found(await holdChanges(store()).leave(project, 1, turn.runId, { now: minute(5) }));
      expect(left.hold).toEqual({ holder: alice, since: minute(1), leaseUntil: minute(10) });
      expect(await dueStacks(project, minute(9))).toEqual([]);
      expect(await dueStacks(project, minute(10))).toEqual([1]);
      expect(await holdChanges(store()).release(left, minute(9), { expired: true })).toBe(false);
      expect(await holdChanges(store()).release(left, minute(10), { expired: true })).toBe(true);
    });

    it('can be postponed', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1, { checkAt: minute(3) });
      await holdChanges(store()).checkLater(held, minute(8));
      expect(await dueStacks(project, minute(7))).toEqual([]);
      expect(await dueStacks(project, minute(8))).toEqual([1]);
    });

    it('that has ended is not due, and cannot be made due', async () => {
      const project = newProjectId();
      const held = await heldStack(store(), project, 1, { checkAt: minute(3) });
      await holdChanges(store()).release(held, minute(2));
      await holdChanges(store()).checkLater(held, minute(4));
      expect(await dueStacks(project, minute(9))).toEqual([]);
    });
  });
}
