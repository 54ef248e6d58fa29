import { type Holder, holder, type ProjectId } from './ids.ts';
import type { Trigger } from './run.ts';

/** Identifies a branch by its repository, which for a fork is not that of the project, and its name. */
export interface BranchKey {
  readonly projectId: ProjectId;
  readonly repositoryId: number;
  readonly name: string;
}

/** The facts about an open pull request that affect what is tested. */
export interface OpenPull {
  readonly number: number;
  readonly baseBranch: string;
  readonly isDraft: boolean;
  /** If omitted, an earlier version stored the branch. */
  readonly openedAt?: Date;
}

/**
 * The subject of everything that Berth does for a repository: a branch or a merge group, with its head commit, its open
 * pull requests, its trust and its stack.
 */
export interface Branch extends BranchKey {
  /** Grows with every write; a write is conditional on the revision that was read. */
  readonly revision: number;
  /** Grows each time the branch is opened again. Runs belong to one epoch. */
  readonly epoch: number;
  readonly isOpen: boolean;
  /** The head commit at the last reconciliation. */
  readonly head?: string;
  readonly headSince: Date;
  /** The commit that the branch had before its last push. */
  readonly previousHead?: string;
  readonly pulls: readonly OpenPull[];
  /** When the branch last got an open pull request after having none. */
  readonly pullsSince?: Date;
  /** `owner/name` of the fork at the last reconciliation. */
  readonly fork?: string;
  /** False for a fork: its code runs only at a commit that was approved. */
  readonly isTrusted: boolean;
  readonly approved?: Approval;
  /** The branch was closed at this commit. It stays closed until it has another one or a pull request. */
  readonly closedHead?: string;
  /** The holder of the stack for the branch and all of its pull requests. */
  readonly holder: Holder;
  /** Shown as the trigger of its runs. */
  readonly trigger: Trigger;
  /** The next time to reconcile the branch. If omitted, nothing is left to do. */
  readonly dueAt?: Date;
  /** The first time of a schedule that has not been handled: of the default branch only. */
  readonly scheduleAt?: Date;
  /** A reconcile was requested for a reason other than time. */
  readonly isWoken?: true;
  /** Failed reconciles in a row. */
  readonly attempts: number;
}

interface Approval {
  readonly sha: string;
  readonly by: string;
  readonly at: Date;
}

/** Creates a branch without known facts. */
export function newBranch(key: BranchKey, more: { isTrusted: boolean; trigger: Trigger; now: Date }): Branch {
  const { isTrusted, trigger, now } = more;
  return {
    ...key,
    revision: 0,
    epoch: 0,
    isOpen: false,
    headSince: now,
    pulls: [],
    isTrusted,
    holder: isTrusted ? holder.branch(key.name) : holder.fork(key.repositoryId, key.name),
    trigger,
    attempts: 0,
  };
}

export function branchText({ projectId, repositoryId, name }: BranchKey): string {
  return `branch ${projectId} ${repositoryId} ${name}`;
}

/** Whether GitHub's merge queue made the branch. A branch of a fork can have any name. */
export function isMergeGroup({ isTrusted, name }: Pick<Branch, 'isTrusted' | 'name'>): boolean {
  return isTrusted && isQueueBranch(name);
}

/** Whether the head commit may run. */
export function mayRun({ isTrusted, approved, head }: Branch): boolean {
  return isTrusted || (head !== undefined && approved?.sha === head);
}

const prefix = 'gh-readonly-queue/';

/**
 * Whether GitHub's merge queue created the branch for one attempt to merge a group:
 * `gh-readonly-queue/<base branch>/pr-<number>-<commit>`.
 */
export function isQueueBranch(branch: string): boolean {
  return branch.startsWith(prefix);
}

/** The branch that a merge group goes to: it decides which suites run. */
export function queueTarget(branch: string): string {
  const [, target] = /^gh-readonly-queue\/(.+)\/[^/]+$/.exec(branch) ?? [];
  return target ?? branch.slice(prefix.length);
}
