import type { PaidResources } from './cost.ts';
import type { Holder, ProjectId } from './ids.ts';
import type { ServiceStatus } from './service.ts';

/** The task that was launched for a run. */
export interface TaskRef {
  /** `process`, `docker`, `fargate` or `batch`. */
  readonly executor: string;
  /** The task's ARN, or its equivalent. */
  readonly arn: string;
}

/** The states of a task in the terms of ECS (Amazon ECS Developer Guide, "Task lifecycle"), in order. */
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

/** The state of a task as its executor reports it, in the terms of ECS. */
export interface TaskStatus {
  readonly arn: string;
  readonly lastStatus: (typeof lastStatuses)[number];
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly createdAt?: Date;
  readonly startedAt?: Date;
  readonly stoppedAt?: Date;
  readonly stoppedReason?: string;
  /** The exit code of the runner's container. If omitted, it is running, or it never started. */
  readonly exitCode?: number;
  /** The log stream of the task in CloudWatch. */
  readonly log?: { readonly group: string; readonly stream: string; readonly region: string };
  /** The resources of the task that are charged. If omitted, nothing is charged. */
  readonly resources?: PaidResources;
  /** Why the infrastructure ended the task, in a sentence with what to do. If omitted, it did not. */
  readonly failure?: {
    readonly code: 'task_not_started' | 'interrupted' | 'out_of_memory' | 'task_lost' | 'service_not_ready';
    readonly message: string;
    /** Whether a retry may succeed: no capacity, a Spot interruption. */
    readonly retryable: boolean;
  };
  readonly services?: readonly ServiceStatus[];
}

/** The variable of a task on AWS that has its {@link HeldKeys}, as JSON. */
export const keysVariable = 'BERTH_HELD_KEYS';

/** The items that the end of a run needs. A task names them in its environment, so that its events do. */
export interface HeldKeys {
  readonly projectId: ProjectId;
  readonly stackName: string;
  readonly holder: Holder;
}
