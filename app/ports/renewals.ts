import type { RunId } from '../core/model/ids.ts';

/** One launch of a run: who may renew its uploads is the task of that launch, and no earlier one. */
export interface RenewingTask {
  readonly runId: RunId;
  readonly launch: number;
}

/** Issues the signature with which a task requests fresh upload URLs while its run is active. It cannot be forged. */
export interface Renewals {
  /** Where the task asks. */
  urlOf(task: RenewingTask): Promise<string>;
  /** Whether a URL of {@link urlOf} had this signature. */
  allows(task: RenewingTask, signature: string): Promise<boolean>;
}
