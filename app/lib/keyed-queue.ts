import pLimit, { type LimitFunction } from 'p-limit';

/**
 * Runs work for the same key one at a time in this process, in the order of the calls.
 *
 * Correctness does not depend on it, but on conditional writes. It keeps two hundred requests for one pool from
 * racing, where all but one of each round would lose.
 *
 * @returns a function that tells the work whether it had to wait for other work.
 */
export function keyedQueue(): <Result>(
  key: string,
  work: (hasWaited: boolean) => Promise<Result>,
) => Promise<Result> {
  const limits = new Map<string, LimitFunction>();
  return async (key, work) => {
    const limit = limits.get(key) ?? pLimit(1);
    limits.set(key, limit);
    try {
      return await limit(work, limit.activeCount + limit.pendingCount > 0);
    } finally {
      if (limit.activeCount + limit.pendingCount === 0) limits.delete(key);
    }
  };
}
