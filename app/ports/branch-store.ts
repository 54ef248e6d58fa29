import type { Branch, BranchKey } from '../core/model/branch.ts';
import type { ProjectId, RunId } from '../core/model/ids.ts';
import type { PullComment } from '../core/model/pull-comment.ts';

/** The newest check run of a suite of a commit, for any branch. */
export interface NewestCheck {
  readonly checkRunId: number;
  readonly runId: RunId;
}

export interface BranchStore {
  get(key: BranchKey): Promise<Branch | undefined>;
  /** Returns the branches that exist, in any order. Strongly consistent. */
  getAll(keys: readonly BranchKey[]): Promise<readonly Branch[]>;
  /**
   * Writes the branch if its stored revision is still the one in `branch`. Revision 0 creates it.
   *
   * @returns the branch with its new revision.
   * @throws LostRace if the stored revision is a different one.
   */
  save(branch: Branch): Promise<Branch>;
  /** Branches that are open. Eventually consistent on AWS: a hint, never a lock. */
  listOpen(projectId: ProjectId): Promise<readonly Branch[]>;
  /** Branches, open or closed, with this head commit. Eventually consistent on AWS. */
  atCommit(projectId: ProjectId, sha: string): Promise<readonly Branch[]>;
  /** Branches of every project that are due at `now` or before, the oldest first. */
  due(now: Date, limit: number): Promise<readonly Branch[]>;
  /**
   * Records a new check run. An older one does not replace a newer one.
   *
   * @returns the one that was the newest before; this one, if an earlier call whose answer was lost has recorded it.
   */
  noteCheck(
    projectId: ProjectId,
    sha: string,
    suite: string,
    check: NewestCheck,
  ): Promise<NewestCheck | undefined>;
  /** The newest check run of each suite of a commit. Strongly consistent. */
  newestChecks(projectId: ProjectId, sha: string): Promise<ReadonlyMap<string, NewestCheck>>;
}

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
