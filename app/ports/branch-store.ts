import type { Branch, BranchKey } from '../core/model/branch.ts';
import type { ProjectId, RunId } from '../core/model/ids.ts';

/** The check run that was made last for a suite of a commit, whichever branch it is for. */
export interface NewestCheck {
  readonly checkRunId: number;
  readonly runId: RunId;
}

export interface BranchStore {
  get(key: BranchKey): Promise<Branch | undefined>;
  /** Those of the branches that are stored, in any order. Strongly consistent. */
  getAll(keys: readonly BranchKey[]): Promise<readonly Branch[]>;
  /**
   * Writes the branch over the revision that it was decided on; revision 0 is one that does not exist yet.
   *
   * @returns the branch with its new revision.
   * @throws LostRace where the stored revision is another.
   */
  save(branch: Branch): Promise<Branch>;
  /** Branches that are open. Eventually consistent on AWS: a hint, never a lock. */
  listOpen(projectId: ProjectId): Promise<readonly Branch[]>;
  /** Branches, open or closed, whose head commit this is. Eventually consistent on AWS. */
  atCommit(projectId: ProjectId, sha: string): Promise<readonly Branch[]>;
  /** Branches of every project that are due at `now` or before, the oldest first. */
  due(now: Date, limit: number): Promise<readonly Branch[]>;
  /** Notes a check run that was made; an older one does not replace a newer one. */
  noteCheck(projectId: ProjectId, sha: string, suite: string, check: NewestCheck): Promise<void>;
  /** The newest check run of each suite of a commit. Strongly consistent. */
  newestChecks(projectId: ProjectId, sha: string): Promise<ReadonlyMap<string, NewestCheck>>;
}
