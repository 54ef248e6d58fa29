/**
 * The result of one step of {@link reconcileRun}. The time of the next reconcile is the run's
 * `dueAt`.
 */
export interface ReconcileResult {
  /** Take the next step now. */
  readonly requeue: boolean;
}

export const requeue: ReconcileResult = { requeue: true };
export const done: ReconcileResult = { requeue: false };
