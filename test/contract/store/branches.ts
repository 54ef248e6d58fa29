import { describe, expect, it } from '@jest/globals';
import { type Branch, newBranch } from '../../../app/core/model/branch.ts';
import { LostRace } from '../../../app/core/model/errors.ts';
import { type ProjectId, runId } from '../../../app/core/model/ids.ts';
import type { Store } from '../../../app/ports/store.ts';
import { atOnce, minute, newProjectId } from './samples.ts';

function branchOf(projectId: ProjectId, name: string, change: Partial<Branch> = {}): Branch {
  const key = { projectId, repositoryId: 7, name };
  return { ...newBranch(key, { isTrusted: true, trigger: { kind: 'push' }, now: minute(0) }), ...change };
}

/** Branches of repositories. */
export function branchesContract(store: () => Store): void {
  describe('a branch', () => {
    it('round-trips by its key', async () => {
      const id = newProjectId();
      const whole = branchOf(id, 'feature/ä', {
        isOpen: true,
        epoch: 2,
        head: 'abc',
        previousHead: 'ab',
        pulls: [{ number: 3, baseBranch: 'main', isDraft: false }],
        isTrusted: false,
        fork: 'mallory/shop',
        approved: { sha: 'abc', by: 'dana', at: minute(1) },
        closedHead: 'aa',
        trigger: { kind: 'pull_request', actor: 'dana' },
        dueAt: minute(5),
        attempts: 1,
      });
      const saved = await store().branches.save(whole);
      expect(saved).toEqual({ ...whole, revision: 1 });
      expect(await store().branches.get(whole)).toEqual(saved);
      expect(await store().branches.get({ ...whole, repositoryId: 8 })).toBeUndefined();
    });

    it('is read with others by their keys', async () => {
      const id = newProjectId();
      const keys = Array.from({ length: 130 }, (_, index) => branchOf(id, `topic-${index}`));
      await Promise.all(keys.slice(0, 120).map((branch) => store().branches.save(branch)));
      const names = (await store().branches.getAll(keys)).map(({ name }) => name);
      expect(names.sort()).toEqual(
        keys
          .slice(0, 120)
          .map(({ name }) => name)
          .sort(),
      );
      expect(await store().branches.getAll([])).toEqual([]);
    });

    it('is written by one of several writers with the same revision', async () => {
      const branch = branchOf(newProjectId(), 'topic');
      for (const seen of [branch, await store().branches.save(branch)]) {
        if (seen.revision === 0) continue;
        const answers = await atOnce(5, async () => {
          try {
            return await store().branches.save({ ...seen, epoch: 3 });
          } catch (error) {
            if (error instanceof LostRace) return undefined;
            throw error;
          }
        });
        expect(answers.filter((one) => one !== undefined)).toHaveLength(1);
      }
      await expect(store().branches.save(branch)).rejects.toThrow(LostRace);
    });

    it('is listed while it is open, and by its head commit', async () => {
      const id = newProjectId();
      const topic = await store().branches.save(branchOf(id, 'topic', { isOpen: true, head: 'c1' }));
      await store().branches.save(branchOf(id, 'main', { isOpen: true, head: 'c1' }));
      await store().branches.save(branchOf(id, 'old', { head: 'c1' }));
      await store().branches.save(branchOf(id, 'bare', { isOpen: true }));
      const names = (branches: readonly Branch[]) => branches.map(({ name }) => name).sort();
      expect(names(await store().branches.listOpen(id))).toEqual(['bare', 'main', 'topic']);
      expect(names(await store().branches.atCommit(id, 'c1'))).toEqual(['main', 'old', 'topic']);
      await store().branches.save({ ...topic, isOpen: false, head: 'c2' });
      expect(names(await store().branches.listOpen(id))).toEqual(['bare', 'main']);
      expect(names(await store().branches.atCommit(id, 'c1'))).toEqual(['main', 'old']);
      expect(await store().branches.listOpen(newProjectId())).toEqual([]);
    });

    it('is due at its time, and not before', async () => {
      const id = newProjectId();
      const saved = await store().branches.save(branchOf(id, 'topic', { dueAt: minute(5) }));
      const due = async (at: number) =>
        (await store().branches.due(minute(at), 1000)).some(({ projectId }) => projectId === id);
      expect([await due(4), await due(5)]).toEqual([false, true]);
      const { dueAt: _, ...rest } = saved;
      await store().branches.save(rest);
      expect(await due(9)).toBe(false);
    });
  });

  describe('the check runs of a commit', () => {
    it('are known by suite, the newest of each', async () => {
      const id = newProjectId();
      const note = async (suite: string, checkRunId: number) => {
        const check = { checkRunId, runId: runId(`run-${checkRunId}`) };
        return (await store().branches.noteCheck(id, 'c1', suite, check))?.checkRunId;
      };
      expect(await note('unit', 5)).toBeUndefined();
      expect(await note('unit teardown', 6)).toBeUndefined();
      expect(await note('unit', 9)).toBe(5);
      expect(await note('unit', 7)).toBe(9);
      expect(await note('unit', 9)).toBe(9);
      expect(Object.fromEntries(await store().branches.newestChecks(id, 'c1'))).toEqual({
        unit: { checkRunId: 9, runId: 'run-9' },
        'unit teardown': { checkRunId: 6, runId: 'run-6' },
      });
      expect((await store().branches.newestChecks(id, 'c2')).size).toBe(0);
    });
  });
}
