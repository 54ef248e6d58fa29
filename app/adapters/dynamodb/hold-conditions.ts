import type { Stack } from '../../core/model/stack.ts';
import type { Condition } from './dynamo-table.ts';
import { teardownSet } from './stack-item.ts';

/* What the conditions of a hold's writes are made of. */

export const exists = { when: '#kind = :stack', values: { ':stack': 'stack' } };
export const available = { when: 'attribute_not_exists(#holder)' };
export const isHeld = { when: 'attribute_exists(#holder)' };
export const isIdle = { when: 'attribute_not_exists(#activeRuns)' };
export const isTornDown = { when: 'attribute_not_exists(#teardowns)' };
export const isActive = { when: 'attribute_exists(#activeRuns)' };

export function hasTeardownsOf({ teardowns = [] }: Stack): Condition {
  const set = teardownSet(teardowns);
  return set === undefined ? isTornDown : { when: '#teardowns = :teardowns', values: { ':teardowns': set } };
}

/** @param text of the attribute as it was read. */
export function hasDeploys(text: unknown): Condition {
  return text === undefined
    ? { when: 'attribute_not_exists(#deploys)' }
    : { when: '#deploys = :deploys', values: { ':deploys': text } };
}

export function hasToken(token: number): Condition {
  return { when: '#token = :token', values: { ':token': token } };
}

export function hasRuns(runs: Stack['activeRuns']): Condition {
  return { when: '#activeRuns = :runs', values: { ':runs': new Set(runs) } };
}

export function hasRequestOf(stack: Stack): Condition {
  return {
    when: '#lastRequested = :lastRequested AND #branch = :branch',
    values: { ':lastRequested': stack.lastRequested.toISOString(), ':branch': stack.branch },
  };
}

export function hasExpiredBy(now: Date): Condition {
  return { when: '#leaseUntil <= :now', values: { ':now': now.toISOString() } };
}

/** The lease and the idle time end when they ended as the stack was seen. */
export function hasEndsOf({ hold }: Stack): Condition {
  const at = (name: string, end: Date | undefined): Condition =>
    end === undefined
      ? { when: `attribute_not_exists(#${name})` }
      : { when: `#${name} = :${name}`, values: { [`:${name}`]: end.toISOString() } };
  return all(at('leaseUntil', hold?.leaseUntil), at('reclaimAt', hold?.reclaimAt));
}

export function all(...conditions: readonly Condition[]): Condition {
  return {
    when: conditions.map((condition) => condition.when).join(' AND '),
    values: Object.assign({}, ...conditions.map((condition) => condition.values)),
  };
}
