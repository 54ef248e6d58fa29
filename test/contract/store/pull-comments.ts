import { describe, expect, it } from '@jest/globals';
import { LostRace } from '../../../app/core/model/errors.ts';
import type { ProjectId } from '../../../app/core/model/ids.ts';
import type { PullComment } from '../../../app/core/model/pull-comment.ts';
import type { Store } from '../../../app/ports/store.ts';
import { atOnce, minute, newProjectId } from './samples.ts';

function commentOf(projectId: ProjectId, change: Partial<PullComment> = {}): PullComment {
  const branch = { repositoryId: 7, name: 'topic' };
  return {
    projectId,
    number: 3,
    branch,
    revision: 0,
    attempts: 0,
    isWanted: true,
    mayExist: false,
    ...change,
  };
}

/** The comments that Berth keeps in pull requests. */
export function pullCommentsContract(store: () => Store): void {
  describe('the comment of a pull request', () => {
    it('round-trips by project and number', async () => {
      const whole = commentOf(newProjectId(), {
        head: 'c1',
        commentId: 9,
        shown: { substance: 'abc', isFinal: true },
        writtenAt: minute(1),
        isDeleted: true,
        claimedUntil: minute(2),
        dueAt: minute(3),
      });
      const saved = await store().comments.save(whole);
      expect(saved).toEqual({ ...whole, revision: 1 });
      expect(await store().comments.get(whole.projectId, 3)).toEqual(saved);
      expect(await store().comments.get(whole.projectId, 4)).toBeUndefined();
      expect(await store().comments.get(newProjectId(), 3)).toBeUndefined();
    });

    it('is written by one of several writers with the same revision', async () => {
      const comment = commentOf(newProjectId());
      const save = async () => {
        try {
          return await store().comments.save(comment);
        } catch (error) {
          if (error instanceof LostRace) return undefined;
          throw error;
        }
      };
      expect((await atOnce(5, save)).filter((one) => one !== undefined)).toHaveLength(1);
    });

    it('is created when it is woken, if it does not exist and its caller provides one', async () => {
      const first = commentOf(newProjectId(), { head: 'c1' });
      const { projectId: id } = first;
      await store().comments.wake(id, 3, minute(5), first);
      const created = { ...first, revision: 1, dueAt: minute(5) };
      expect(await store().comments.get(id, 3)).toEqual(created);
      const due = await store().comments.due(minute(5), 1000);
      expect(due.filter(({ projectId }) => projectId === id)).toEqual([created]);
      const saved = await store().comments.save({ ...created, head: 'c2', dueAt: minute(9) });
      await store().comments.wake(id, 3, minute(6), first);
      expect(await store().comments.get(id, 3)).toEqual({ ...saved, revision: 3, dueAt: minute(6) });
      await store().comments.save({ ...saved, revision: 3, isDeleted: true });
      await store().comments.wake(id, 3, minute(7), first);
      expect(await store().comments.get(id, 3)).toMatchObject({ revision: 4, dueAt: minute(9) });
    });

    it('is due when it is woken, once, and a writer that has not seen it is refused', async () => {
      const id = newProjectId();
      const due = async () =>
        (await store().comments.due(minute(5), 1000)).filter(({ projectId }) => projectId === id);
      await store().comments.wake(id, 3, minute(5));
      expect(await store().comments.get(id, 3)).toBeUndefined();
      const saved = await store().comments.save(commentOf(id, { head: 'c1', dueAt: minute(8) }));
      await store().comments.wake(id, 3, minute(5));
      expect(await due()).toEqual([{ ...saved, revision: 2, dueAt: minute(5) }]);
      await expect(store().comments.save(saved)).rejects.toThrow(LostRace);
      const [woken] = await due();
      const deleted = await store().comments.save({ ...saved, ...woken, dueAt: minute(8), isDeleted: true });
      expect(deleted.dueAt).toEqual(minute(8));
      await store().comments.wake(id, 3, minute(5));
      expect(await due()).toEqual([]);
    });

    it('is due at its time, and not before', async () => {
      const id = newProjectId();
      const saved = await store().comments.save(commentOf(id, { dueAt: minute(5) }));
      const due = async (at: number) =>
        (await store().comments.due(minute(at), 1000)).some(({ projectId }) => projectId === id);
      expect([await due(4), await due(5)]).toEqual([false, true]);
      const { dueAt: _, ...rest } = saved;
      await store().comments.save(rest);
      expect(await due(9)).toBe(false);
    });
  });
}
