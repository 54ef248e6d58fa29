import type { Run } from './run.ts';

/** Whether a run has failed and its suite allows another attempt. A cancelled run is not retried. */
export function hasRetry({
  state,
  attempt,
  cancel,
  spec,
}: Pick<Run, 'state' | 'attempt' | 'cancel' | 'spec'>): boolean {
  return state === 'failed' && cancel === undefined && attempt <= spec.retries;
}
