import { createHash } from 'node:crypto';
import type { RunSettings } from './settings.ts';

/**
 * The name under which a run is asked for. A step that is repeated, or whose first request was answered into the void,
 * gives the same; another attempt, job or step, or the same one asking for something else, gives another.
 */
export function idempotencyKey({ stepKey, request }: Pick<RunSettings, 'stepKey' | 'request'>): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([stepKey, request]))
    .digest('hex');
  return `github-actions-${digest.slice(0, 40)}`;
}
