/**
 * The result of one step of {@link reconcileRun}. When to look at the run next, if nothing happens before, is the run's
 * own `dueAt`.
 */
export interface ReconcileResult {
  /** Take the next step now. */
  readonly requeue: boolean;
}

export const requeue: ReconcileResult = { requeue: true };
export const done: ReconcileResult = { requeue: false };
