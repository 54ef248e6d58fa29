import pLimit, { type LimitFunction } from 'p-limit';

/**
 * Lets work on one key be done one at a time in this process, in the order in which it came.
 *
 * Nothing is right or wrong by it: the conditional writes see to that. It keeps two hundred requests for one pool from
 * racing one another, when all but one of each round would lose.
 */
export function keyedQueue(): <Result>(key: string, work: () => Promise<Result>) => Promise<Result> {
  const limits = new Map<string, LimitFunction>();
  return async (key, work) => {
    const limit = limits.get(key) ?? pLimit(1);
    limits.set(key, limit);
    try {
      return await limit(work);
    } finally {
      if (limit.activeCount + limit.pendingCount === 0) limits.delete(key);
    }
  };
}
