import type { Run } from './run.ts';

/** Whether a run has failed and its suite allows another attempt. */
export function hasRetry({ state, attempt, spec }: Pick<Run, 'state' | 'attempt' | 'spec'>): boolean {
  return state === 'failed' && attempt <= spec.retries;
}
