import type { BranchKey } from './branch.ts';
import type { ProjectId } from './ids.ts';

/** The record of the one comment that Berth keeps in a pull request. */
export interface PullComment {
  readonly projectId: ProjectId;
  /** The pull request. */
  readonly number: number;
  /** Grows with every write; a write is conditional on the revision that was read. */
  readonly revision: number;
  readonly branch: Pick<BranchKey, 'repositoryId' | 'name'>;
  /** The head commit at the last request. */
  readonly head?: string;
  /** Whether the settings of the repository enable the comment. */
  readonly isWanted: boolean;
  /** An earlier comment of the App may exist: the pull request is older than this record. */
  readonly mayExist: boolean;
  readonly commentId?: number;
  /** The facts that the comment shows. If they are equal, it is not sent again. */
  readonly shown?: { readonly substance: string; readonly isFinal: boolean };
  readonly writtenAt?: Date;
  /** A person deleted the comment. It is not created again. */
  readonly isDeleted?: true;
  /** Until then one process is writing the comment: GitHub has no conditional creation, so one at a time may. */
  readonly claimedUntil?: Date;
  /** Attempts in a row that failed. */
  readonly attempts: number;
  /** When the comment is compared with the branch again. If omitted, nothing is left to do. */
  readonly dueAt?: Date;
}
