import { createHash } from 'node:crypto';
import type { RunSettings } from './settings-types.ts';

/**
 * The idempotency key of a step's run. A step that is repeated, or did not get the answer to its first request, gives
 * the same key. Another attempt, job or step, or another request of the same step, gives another.
 */
export function idempotencyKey({ stepKey, request }: Pick<RunSettings, 'stepKey' | 'request'>): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([stepKey, request]))
    .digest('hex');
  return `github-actions-${digest.slice(0, 40)}`;
}
