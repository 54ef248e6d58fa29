import type { ProjectId } from '../core/model/ids.ts';
import type { PullComment } from '../core/model/pull-comment.ts';

export interface PullCommentStore {
  get(projectId: ProjectId, number: number): Promise<PullComment | undefined>;
  /**
   * Writes the record if its stored revision is still the one in `record`. Revision 0 creates it.
   *
   * @returns the record with its new revision.
   * @throws LostRace if the stored revision is another.
   */
  save(comment: PullComment): Promise<PullComment>;
  /**
   * Makes the record due, unless the comment was deleted or there is no record.
   *
   * @param first the record to create if it does not exist.
   */
  wake(projectId: ProjectId, number: number, now: Date, first?: PullComment): Promise<void>;
  /** Records of every project that are due at `now` or before, the oldest first. */
  due(now: Date, limit: number): Promise<readonly PullComment[]>;
}
