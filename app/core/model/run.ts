import type { Cache } from './cache.ts';
import type { Checkout } from './checkout.ts';
import type { Concurrency } from './concurrency.ts';
import type { Holder, ProjectId, RunId } from './ids.ts';
import type { Commit, Phase } from './job.ts';
import type { Outcome } from './outcome.ts';
import { type ActiveState, isTerminal, type RunState } from './run-state.ts';
import type { Service } from './service.ts';
import type { TaskRef, TaskStatus } from './task.ts';

export const triggerKinds = [
  'api',
  'action',
  'push',
  'pull_request',
  'merge_group',
  'schedule',
  'comment',
  'check_run',
  'event',
  'retry',
  'teardown',
] as const;

/** The kind of event that started a run. */
export interface Trigger {
  readonly kind: (typeof triggerKinds)[number];
  /** The login or key that requested it. */
  readonly actor?: string;
}

/** How the code is fetched. Credentials are never part of a run: they are created with its job. */
export type RunSource =
  | { readonly kind: 'git'; readonly url: string; readonly ref?: string }
  | { readonly kind: 'archive'; readonly url: string };

export interface StackRequirement {
  readonly holder: Holder;
  /** One particular stack. If omitted, the first in DESIGN's order. */
  readonly name?: string;
  /**
   * `run`: released when the run ends; `pull_request`: kept until the pull request closes; `branch`: kept while the
   * branch has an open pull request, otherwise released when the run ends.
   */
  readonly hold: 'run' | 'pull_request' | 'branch';
  /** May use the stack in parallel with other runs of the same holder that also share it. */
  readonly shares: boolean;
  /** The URL of the deployed stack; `{stack}` stands for the stack's name. */
  readonly url?: string;
}

export interface TeardownOptions {
  /** `release`: the stack goes to the next holder although its teardown failed. Default: the stack is dirty. */
  readonly onFailure?: 'release' | 'quarantine';
  /** Default: the time limit of the suite. */
  readonly timeoutSeconds?: number;
  /** Retries of a teardown that failed. Default: 3. */
  readonly retries?: number;
}

interface DeployRules {
  /** Globs of the files that it depends on. If omitted, all files. */
  readonly paths?: readonly string[];
  /** A newer commit cancels it while it runs; otherwise the newer commit waits. */
  readonly cancelSuperseded: boolean;
  /** A person asked for it: it runs even if nothing has changed. */
  readonly isForced?: true;
}

/** A run that another one needs: the name of its check, and its first run. Later runs of it follow from that one. */
export interface NeededRun {
  readonly suite: string;
  readonly runId: RunId;
}

/** The result of a deployment. */
export interface Deployed {
  /** The commit that is on the stack. */
  readonly commit: string;
  readonly url?: string;
  /** Set if nothing had changed since `commit` was deployed. */
  readonly reused?: { readonly savedSeconds: number };
}

/** The work of a run; set when it is created, and never changed. */
export interface RunSpec {
  readonly suite: string;
  readonly source: RunSource;
  readonly branch: string;
  readonly command: string;
  readonly setup?: string;
  /** How to run only failed tests: {@link rerunPlaceholder}. If omitted, Berth knows the tool, or runs all tests. */
  readonly rerun?: string;
  /** `bash`, `sh`, or a command in which `{0}` is the file of the script. If omitted, bash if it is installed. */
  readonly shell?: string;
  /** Runs on the stack before the next holder gets it, as a separate run. */
  readonly teardown?: string;
  /** The AWS role that the commands get credentials of, for the hold of their stack. */
  readonly role?: string;
  /** The commands may use the role of the task. Never set for untrusted code. */
  readonly taskRole?: boolean;
  readonly teardownOptions?: TeardownOptions;
  /** This run deploys the commit to its stack. If omitted, it runs a suite or a teardown. */
  readonly deploy?: DeployRules;
  /** The deployments that must be on the stack before the command runs, in the order of definition. */
  readonly deploys?: readonly NeededRun[];
  /** The suites that must pass before this one starts. Those that these need are among them. */
  readonly needs?: readonly NeededRun[];
  /** Limits how many runs of a group are active in the project at the same time. */
  readonly concurrency?: Concurrency;
  /** Another suite of the commit needs this one. */
  readonly isNeeded?: true;
  /** This run is the teardown of the stack that this other run had; no newer commit or command cancels it. */
  readonly teardownOf?: RunId;
  readonly env: Readonly<Record<string, string>>;
  /** Name in the environment to the reference of a secret (an SSM parameter or a Secrets Manager ARN). */
  readonly secrets: Readonly<Record<string, string>>;
  readonly image?: string;
  /** CPU units, 1024 to a vCPU. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly ephemeralStorageGib?: number;
  /** The time limit from the start of the setup to the end of the command. */
  readonly timeoutSeconds: number;
  readonly junit: readonly string[];
  readonly artifacts: readonly string[];
  readonly caches?: readonly Cache[];
  /** Containers that run next to the commands. */
  readonly services?: readonly Service[];
  readonly stack?: StackRequirement;
  /** How often a failed run is retried automatically; 0 by default. */
  readonly retries: number;
  readonly checkout?: Checkout;
  /** Code that Berth does not trust (a fork): no secrets, no stack, a task role without permissions. */
  readonly untrusted: boolean;
  /** A sentence for the reader of the check: how the command was guessed. */
  readonly note?: string;
}

/** The target of the run on GitHub. */
export interface GithubTarget {
  readonly repositoryId: number;
  readonly installationId: number;
  readonly owner: string;
  readonly repo: string;
  readonly headSha: string;
  /** The repository of the branch; for a fork, not `repositoryId`. If omitted, version 0.1.0 stored the run. */
  readonly headRepositoryId?: number;
  readonly pullRequest?: number;
  /** The branch that the commit will be merged into. If omitted, unknown. */
  readonly baseBranch?: string;
  /** The end of the run creates the record of the pull request's comment, which has none yet. */
  readonly newComment?: true;
  /** The check run of this run, once it exists. */
  readonly checkRunId?: number;
  /** A fingerprint of the shown facts. If it is equal, nothing is sent again. */
  readonly published?: string;
  /** Consecutive failures to reach GitHub. */
  readonly attempts?: number;
  /** When to retry after a failure. */
  readonly retryAt?: Date;
  /** Until then one process is creating the check run: GitHub has no conditional creation, so one at a time may. */
  readonly claimedUntil?: Date;
  /** The status and the conclusion that the check run shows. */
  readonly shown?: string;
  /** When the check run was last written. */
  readonly publishedAt?: Date;
  /** The run's deployment on GitHub, and the last state sent to GitHub. */
  readonly deployment?: { readonly id?: number; readonly state: string };
  /** Check runs that another one replaced while the run was active: they have to be concluded. */
  readonly replaced?: readonly number[];
}

/** One execution of one suite for one commit. */
export interface Run {
  readonly id: RunId;
  readonly projectId: ProjectId;
  readonly spec: RunSpec;
  readonly trigger: Trigger;
  readonly state: RunState;
  /** Grows with every write; a write is conditional on the revision that was read. */
  readonly revision: number;
  readonly sha?: string;
  /** Known once the runner has checked it out. */
  readonly commit?: Commit;
  readonly retryOf?: RunId;
  /** Runs only the tests that failed in `retryOf`, where that is possible. */
  readonly failedOnly?: true;
  /** The number of the attempt: 1 for the first. */
  readonly attempt: number;
  readonly github?: GithubTarget;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When the current state was entered. */
  readonly stateSince: Date;
  /** When the run began to wait for a stack, if it did, and when its task was first requested. */
  readonly milestones?: { readonly waiting?: Date; readonly provisioning?: Date };
  /** When the task was first seen running. */
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** The next time to reconcile the run. If omitted, nothing is left to do. */
  readonly dueAt?: Date;
  /** The stack and the fencing token of its acquisition. */
  readonly held?: {
    readonly stackName: string;
    readonly token: number;
    readonly isNew: boolean;
    readonly lastDeployedCommit?: string;
    /** The outputs of the stack's deployments, for the command's environment. */
    readonly outputs?: Readonly<Record<string, string>>;
    readonly url?: string;
  };
  /** The result of a deployment that succeeded or was reused. */
  readonly deployed?: Deployed;
  /** The later run of a deployment, or of a suite that others need: it counts in place of this one. */
  readonly redeployedBy?: RunId;
  readonly waiting?: {
    readonly reason: 'line' | 'turn' | 'capacity' | 'deploy' | 'suite';
    /** The deployment that it waits for, by the name of its check. */
    readonly deploy?: string;
    readonly suite?: string;
    /** The concurrency group that has no free slot. If omitted with `capacity`, the limit of parallel tasks is reached. */
    readonly group?: string;
    /** 1 for the first in the queue. */
    readonly position?: number;
    readonly stackName?: string;
  };
  /** It has, or may have, one of the slots that limit the number of tasks. */
  readonly slot?: 'asked';
  /** Launches so far, including the current one: the infrastructure may require more than one. */
  readonly launches: number;
  readonly task?: TaskRef;
  /** The cost of the tasks that the infrastructure ended before the current one. */
  readonly earlierCostUsd?: number;
  /** The last observed status, stored so that an ended task can still be shown. */
  readonly taskStatus?: TaskStatus;
  readonly phases: readonly Phase[];
  /** Set only once; the run then finishes without further requests. */
  readonly cancel?: { readonly at: Date; readonly reason: string; readonly by?: string };
  /** The executor has to stop the task, because of a cancellation or a time limit. */
  readonly stop?: { readonly at: Date; readonly because: 'cancelled' | 'timed_out' | 'not_started' };
  /** When the executor stopped knowing the task. */
  readonly missingSince?: Date;
  readonly outcome?: Outcome;
  /** When the run was settled: the stack released, the check concluded, the event sent. */
  readonly settledAt?: Date;
  /** The run that retries this one automatically. */
  readonly retriedBy?: RunId;
}

export function isActive(run: Run): run is Run & { state: ActiveState } {
  return !isTerminal(run.state);
}

/** Whether Berth cancelled the run because its branch no longer needs it, and not a person. */
export function isUnwanted({ state, cancel }: Pick<Run, 'state' | 'cancel'>): boolean {
  return (cancel !== undefined || state === 'cancelled') && cancel?.by === undefined;
}

/** Whether the run was never started because the commit comes from a fork, and no one approved it. */
export function isRefused({ state, outcome }: Pick<Run, 'state' | 'outcome'>): boolean {
  return state === 'skipped' && outcome?.errorCode === 'not_approved';
}

/** Whether the commit of a run is not from a branch of the repository: the name of its branch may be that of another. */
export function isFromFork({ spec, github }: Pick<Run, 'spec' | 'github'>): boolean {
  const { headRepositoryId, repositoryId } = github ?? {};
  return spec.untrusted || (headRepositoryId !== undefined && headRepositoryId !== repositoryId);
}

/** The task that a run only waits for, until it runs. */
export function startingTask({ state, task, cancel, stop, missingSince }: Run): string | undefined {
  const isUntouched = cancel === undefined && stop === undefined && missingSince === undefined;
  return state === 'provisioning' && isUntouched ? task?.arn : undefined;
}

/** Whether a run has failed and its suite allows another attempt. A cancelled run is not retried. */
export function hasRetry({
  state,
  attempt,
  cancel,
  spec,
}: Pick<Run, 'state' | 'attempt' | 'cancel' | 'spec'>): boolean {
  return state === 'failed' && cancel === undefined && attempt <= spec.retries;
}
