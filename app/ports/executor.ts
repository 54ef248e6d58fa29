import type { Holder, ProjectId, RunId } from '../core/model/ids.ts';
import type { Service } from '../core/model/service.ts';
import type { TaskRef, TaskStatus } from '../core/model/task.ts';

/** Launches the tasks of runs. Decides nothing; reports the state. Every executor passes `test/contract/executor.ts`. */
export interface Executor {
  readonly name: 'process' | 'docker' | 'fargate' | 'batch';
  /** Settings of a run that this executor ignores. */
  readonly ignores?: readonly ('image' | 'cpu' | 'memory')[];
  /** Tasks have the home directory of a person, who keeps it: nothing in it is restored or saved. */
  readonly keepsHome?: true;
  /** Cannot run services: a launch with services is refused. */
  readonly withoutServices?: true;
  /**
   * Base URL of the objects that a local server serves to its tasks, for {@link Objects.grant}. If omitted, as on AWS, URLs
   * are S3's own.
   */
  readonly objectsBaseUrl?: string;
  /**
   * Launches the task of a run, once: called again for the same run and launch, it returns the same task, even
   * after a crash between launching and remembering.
   *
   * @throws BerthError `launch_failed`, `image_not_found`, `engine_unreachable`, with what to do.
   */
  launch(request: LaunchRequest): Promise<TaskStatus>;
  /**
   * Determines the outcome of a launch when it is not known: after a crash, a lost answer, or while another server
   * is launching. What did not start by then never starts.
   *
   * @returns the task, for the caller to stop and to watch; undefined if it does not exist and never will.
   * @throws if the outcome cannot be determined now.
   */
  withdraw(request: LaunchRequest): Promise<TaskStatus | undefined>;
  /** Returns the state of each task. Unknown tasks are left out. */
  describe(tasks: readonly TaskRef[]): Promise<ReadonlyMap<string, TaskStatus>>;
  /** Asks a task to stop: TERM, then KILL. No error where it has ended. The answer does not wait for the end. */
  stop(task: TaskRef, reason: string): Promise<void>;
  /** Removes what is left of a task after its run is settled and its log stored. Idempotent. */
  remove(task: TaskRef): Promise<void>;
  /** Lists Berth's tasks: those that have not stopped, and the remains of stopped tasks and of crashes. */
  listTasks(): Promise<readonly ListedTask[]>;
}

export interface ListedTask {
  readonly task: TaskRef;
  readonly runId: RunId;
  /** A person asked to keep it. */
  readonly keep: boolean;
  /** It has stopped: what is left only takes space. */
  readonly isStopped: boolean;
}

export interface LaunchRequest {
  readonly runId: RunId;
  readonly projectId: ProjectId;
  /** 1 for the first launch of a run; a new number makes a new task. */
  readonly launch: number;
  /** The caller has just recorded that it will launch: no call before that can have launched it. */
  readonly isFirstCall?: true;
  readonly jobUrl: string;
  readonly image?: string;
  readonly cpuUnits: number;
  readonly memoryMib: number;
  readonly ephemeralStorageGib?: number;
  /** The time limit of the tests. An executor with its own limit sets that one well after it. */
  readonly timeoutSeconds: number;
  /** Public names and values that a task's definition may show (`REPO_URL`, `BRANCH`, `TEST_COMMAND`, `RUN_ID`). */
  readonly env: Readonly<Record<string, string>>;
  readonly stackName?: string;
  readonly holder?: Holder;
  readonly untrusted: boolean;
  /** The commands may use the role of the task. */
  readonly taskRole?: true;
  /** Absolute path of a local repository that the task must be able to read; only for `file:` sources. */
  readonly localRepository?: string;
  /** Containers next to the task. Their CPU and memory come on top of the task's. */
  readonly services?: readonly LaunchedService[];
}

/** A service with what its image is pulled with. */
export interface LaunchedService extends Service {
  readonly registry?: { readonly username: string; readonly password: string };
}
