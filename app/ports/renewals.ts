import type { RunId } from '../core/model/ids.ts';

/** One launch of a run. Only the task of that launch may renew its uploads, and no earlier one. */
export interface RenewingTask {
  readonly runId: RunId;
  readonly launch: number;
}

/** Issues the signature with which a task requests fresh upload URLs while its run is active. It cannot be forged. */
export interface Renewals {
  /** The URL that the task calls. */
  urlOf(task: RenewingTask): Promise<string>;
  /** Whether {@link urlOf} issued this signature. */
  allows(task: RenewingTask, signature: string): Promise<boolean>;
}
