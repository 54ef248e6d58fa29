import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { PaidResources } from './cost.ts';
import type { Holder, ProjectId, RunId } from './ids.ts';
import type { Commit, Phase, TestFailure, TestTotals } from './job.ts';
import { type ActiveState, isTerminal, mayBecome, type RunState, type TerminalState } from './run-state.ts';

export const triggerKinds = [
  'api',
  'action',
  'push',
  'pull_request',
  'merge_group',
  'comment',
  'check_run',
  'event',
  'retry',
  'teardown',
] as const;

/** What started a run. */
export interface Trigger {
  readonly kind: (typeof triggerKinds)[number];
  /** The login or key that asked. */
  readonly actor?: string;
}

/** How the code is fetched. Credentials are never part of a run: they are made when its job is. */
export type RunSource =
  | { readonly kind: 'git'; readonly url: string; readonly ref?: string }
  | { readonly kind: 'archive'; readonly url: string };

/** What a run wants of the project's stacks. */
export interface StackRequirement {
  readonly holder: Holder;
  /** One certain stack; absent: whichever DESIGN's order gives. */
  readonly name?: string;
  /** `run`: given back when the run ends; `pull_request`: kept until the pull request closes. */
  readonly hold: 'run' | 'pull_request';
  /** May use the stack beside other runs of the same holder that share it too. */
  readonly shares: boolean;
  /** Where what is deployed to the stack can be seen; `{stack}` stands for the stack's name. */
  readonly url?: string;
}

/** The task that was launched for a run. */
export interface TaskRef {
  /** `process`, `docker`, `fargate` or `batch`. */
  readonly executor: string;
  /** The task's ARN, or what stands for it. */
  readonly arn: string;
}

/** How far a task has come, in the words of ECS (Amazon ECS Developer Guide, "Task lifecycle"), in their order. */
export const lastStatuses = [
  'PROVISIONING',
  'PENDING',
  'ACTIVATING',
  'RUNNING',
  'DEACTIVATING',
  'STOPPING',
  'DEPROVISIONING',
  'STOPPED',
] as const;

/** What an executor says of a task, in the words of ECS. */
export interface TaskStatus {
  readonly arn: string;
  readonly lastStatus: (typeof lastStatuses)[number];
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly createdAt?: Date;
  readonly startedAt?: Date;
  readonly stoppedAt?: Date;
  readonly stoppedReason?: string;
  /** Of the runner's container; absent while it runs, or where it never started. */
  readonly exitCode?: number;
  /** Where CloudWatch has what the task writes. */
  readonly log?: { readonly group: string; readonly stream: string; readonly region: string };
  /** What the task was given and is paid for; absent where nothing is charged. */
  readonly resources?: PaidResources;
  /** Why the infrastructure ended the task, in a plain sentence with what to do; absent where it did not. */
  readonly failure?: {
    readonly code: 'task_not_started' | 'interrupted' | 'out_of_memory' | 'task_lost';
    readonly message: string;
    /** Worth another try: no capacity, a Spot interruption. */
    readonly retryable: boolean;
  };
}

/** How a run ended, as people and programs read it. */
export interface Outcome {
  /** The command's exit code; null where it did not run to its end. */
  readonly exitCode: number | null;
  /** One sentence: what happened, and what to do about it. */
  readonly summary: string;
  /** Stable code of the reason where Berth, AWS or the source was at fault: docs/troubleshooting.md explains each. */
  readonly errorCode?: string;
  readonly tests?: TestTotals;
  readonly failures: readonly TestFailure[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  readonly artifacts: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly isReport: boolean;
  }[];
  readonly logTail: readonly string[];
  readonly hasReport: boolean;
  readonly costUsd?: number;
}

/** What a run is to execute; given when it is made, and never changed. */
export interface RunSpec {
  readonly suite: string;
  readonly source: RunSource;
  readonly branch: string;
  readonly command: string;
  readonly setup?: string;
  /** Run on the stack before anybody else gets it, as a run of its own. */
  readonly teardown?: string;
  /** This is the teardown of the stack that this run had: nobody's test, and no newer commit or command ends it. */
  readonly teardownOf?: RunId;
  readonly env: Readonly<Record<string, string>>;
  /** Name in the environment to the reference of a secret (an SSM parameter or a Secrets Manager ARN). */
  readonly secrets: Readonly<Record<string, string>>;
  readonly image?: string;
  /** CPU units, 1024 to a vCPU. */
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly ephemeralStorageGib?: number;
  /** From the start of the setup to the end of the command. */
  readonly timeoutSeconds: number;
  readonly junit: readonly string[];
  readonly artifacts: readonly string[];
  readonly stack?: StackRequirement;
  /** How often a failed test run is tried again by itself; 0 by default. */
  readonly retries: number;
  /** Code that Berth does not trust (a fork): no secrets, no stack, a task role without permissions. */
  readonly untrusted: boolean;
  /** A sentence for the reader of the check: where the command was guessed, from what. */
  readonly note?: string;
}

/** What the run is for on GitHub. */
export interface GithubTarget {
  readonly repositoryId: number;
  readonly installationId: number;
  readonly owner: string;
  readonly repo: string;
  readonly headSha: string;
  readonly pullRequest?: number;
  /** The branch that the commit is to be merged into; absent where nobody has said that it is. */
  readonly baseBranch?: string;
  /** The check run that shows this run, once it was made. */
  readonly checkRunId?: number;
  /** Fingerprint of what the check run shows: what equals it need not be sent again. */
  readonly published?: string;
  /** Times in a row that GitHub could not be reached. */
  readonly attempts?: number;
  /** When to try next, after such a time. */
  readonly retryAt?: Date;
  /** Until then somebody is making the check run: GitHub has no conditional creation, so one at a time may. */
  readonly claimedUntil?: Date;
}

/** One execution of one suite for one commit. */
export interface Run {
  readonly id: RunId;
  readonly projectId: ProjectId;
  readonly spec: RunSpec;
  readonly trigger: Trigger;
  readonly state: RunState;
  /** Grows with every write; a write is conditional on the revision it was decided on. */
  readonly revision: number;
  readonly sha?: string;
  /** Known once the runner has checked it out. */
  readonly commit?: Commit;
  readonly retryOf?: RunId;
  /** Counts the tries at a failed test run: 1 for the first. */
  readonly attempt: number;
  readonly github?: GithubTarget;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  /** When the current state was entered. */
  readonly stateSince: Date;
  /** When the run began to wait for a stack, if it did, and when its task was wanted first. */
  readonly milestones?: { readonly waiting?: Date; readonly provisioning?: Date };
  /** When the task was seen running first. */
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
  /** The next moment at which somebody has to look, whatever happens; absent once nothing is left to do. */
  readonly dueAt?: Date;
  /** The stack and the fencing token with which it was taken. */
  readonly held?: {
    readonly stackName: string;
    readonly token: number;
    readonly isNew: boolean;
    readonly lastDeployedCommit?: string;
  };
  /** Why the run waits, while it does. */
  readonly waiting?: {
    readonly reason: 'line' | 'turn' | 'capacity';
    /** 1 for the first in line. */
    readonly position?: number;
    readonly stackName?: string;
  };
  /** It has, or may have, one of the slots that limit the number of tasks. */
  readonly slot?: 'asked';
  /** Launches so far, counting the current one: the infrastructure may make more than one necessary. */
  readonly launches: number;
  readonly task?: TaskRef;
  /** What the tasks cost that the infrastructure took away before the current one. */
  readonly earlierCostUsd?: number;
  /** The last status that was seen, kept so that an ended task can still be shown. */
  readonly taskStatus?: TaskStatus;
  readonly phases: readonly Phase[];
  /** Set once; the run then moves to its end by itself. */
  readonly cancel?: { readonly at: Date; readonly reason: string; readonly by?: string };
  /** The task was told to stop, by a cancellation or because a time limit was over. */
  readonly stop?: { readonly at: Date; readonly because: 'cancelled' | 'timed_out' | 'not_started' };
  /** Since when the executor has not known the task. */
  readonly missingSince?: Date;
  readonly outcome?: Outcome;
  /** When the last loose end was tied: the stack given back, the check concluded, the event sent. */
  readonly settledAt?: Date;
  /** A failed run that was tried again by itself names the run that followed. */
  readonly retriedBy?: RunId;
}

/** Where the report of a run lies: the path that clients of the older batch runner know. */
export function reportKey(id: RunId): string {
  return id.startsWith('runId-') ? `test_reports/runjob${id}/report.html` : `test_reports/${id}/report.html`;
}

/** Where the archive of its commit lies, for tasks that do not reach GitHub. Wanted while the run lasts, and no longer. */
export function sourceKey(id: RunId): string {
  return `sources/${id}.tar.gz`;
}

/** Objects of a run beside its report. */
export function runObjectKey(
  id: RunId,
  name: 'job.json' | 'result.json' | 'tests.json' | 'artifacts.tar.gz' | 'progress.json',
): string {
  return `runs/${id}/${name}`;
}

export function isActive(run: Run): run is Run & { state: ActiveState } {
  return !isTerminal(run.state);
}

/**
 * The run in another state.
 *
 * @throws Error where the table of `run-state.ts` has no such move: a fault of ours, never of the user's.
 */
export function moved(run: Run, to: RunState, now: Date, change: Partial<Run> = {}): Run {
  if (run.state !== to && !mayBecome(run.state, to)) {
    throw new Error(`run ${run.id} cannot move from ${run.state} to ${to}`);
  }
  return {
    ...run,
    ...milestonesAt(run, to, now),
    ...change,
    state: to,
    stateSince: run.state === to ? run.stateSince : now,
  };
}

/** The first time counts: a task that is launched again was wanted all the while. */
function milestonesAt({ milestones }: Run, to: RunState, now: Date): Pick<Run, 'milestones'> {
  return to === 'waiting' || to === 'provisioning' ? { milestones: { [to]: now, ...milestones } } : {};
}

/** The run at its end. It stays due until it is settled. */
export function ended(run: Run, state: TerminalState, outcome: Outcome, now: Date): Run {
  const { waiting: _, ...rest } = run;
  return moved(rest, state, now, { outcome, finishedAt: now, dueAt: now });
}

/** An outcome without results, for runs that ended before their tests did. */
export function outcomeWithoutResult(summary: string, errorCode?: string): Outcome {
  return omitUndefined({
    exitCode: null,
    summary,
    errorCode,
    failures: [],
    warnings: [],
    artifacts: [],
    logTail: [],
    hasReport: false,
  });
}
