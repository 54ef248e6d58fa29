import type { RunId } from '../core/model/ids.ts';

/** One launch of a run: who may renew its uploads is the task of that launch, and no earlier one. */
export interface RenewingTask {
  readonly runId: RunId;
  readonly launch: number;
}

/** What lets a task ask for fresh upload URLs, for as long as its run goes on: a signature that nobody else can make. */
export interface Renewals {
  /** Where the task asks. */
  urlOf(task: RenewingTask): Promise<string>;
  /** Whether a URL of {@link urlOf} had this signature. */
  allows(task: RenewingTask, signature: string): Promise<boolean>;
}
