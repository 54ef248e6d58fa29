/**
 * The result of one step of {@link reconcileRun}. The time of the next reconcile is the run's
 * `dueAt`.
 */
export interface ReconcileResult {
  /** Take the next step now. */
  readonly requeue: boolean;
  /** Show the change, then wait. */
  readonly isChanged?: true;
}

export const requeue: ReconcileResult = { requeue: true };
export const done: ReconcileResult = { requeue: false };
export const shown: ReconcileResult = { requeue: false, isChanged: true };
