import type { Clock } from '../../ports/clock.ts';
import type { Octokit } from './octokit.ts';

/** How many calls each installation has left. */
export interface Budgets {
  /** Counts the calls of the client. */
  counted(installationId: number, octokit: Octokit): Octokit;
  /** Whether the remaining calls are reserved for results. */
  isTight(installationId: number): boolean;
}

/** Below this part of the hourly limit. */
const tightPart = 0.25;
/** GitHub allows about 80 requests a minute that create content: https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits */
const tightWritesPerMinute = 50;
const minuteMilliseconds = 60_000;

interface Spent {
  remaining?: { readonly part: number; readonly resetsAt: number };
  /** The times of the latest writes. */
  writes: number[];
}

export function createBudgets(clock: Clock): Budgets {
  const spent = new Map<number, Spent>();
  const counted = new WeakSet<Octokit>();
  const of = (installationId: number): Spent => {
    const known = spent.get(installationId) ?? { writes: [] };
    spent.set(installationId, known);
    return known;
  };
  const recent = (writes: readonly number[], now: number): number[] =>
    writes.filter((at) => now - at < minuteMilliseconds);

  return {
    counted(installationId, octokit) {
      if (counted.has(octokit)) return octokit;
      counted.add(octokit);
      octokit.hook.before('request', ({ method }) => {
        const now = clock.now().getTime();
        const own = of(installationId);
        if (method !== 'GET') own.writes = [...recent(own.writes, now), now];
      });
      octokit.hook.after('request', ({ headers }) => {
        const limit = Number(headers['x-ratelimit-limit']);
        const remaining = Number(headers['x-ratelimit-remaining']);
        const resetsAt = Number(headers['x-ratelimit-reset']) * 1000;
        if (limit > 0 && remaining >= 0) of(installationId).remaining = { part: remaining / limit, resetsAt };
      });
      return octokit;
    },

    isTight(installationId) {
      const { remaining, writes } = of(installationId);
      const now = clock.now().getTime();
      const isLow = remaining !== undefined && remaining.part < tightPart && remaining.resetsAt > now;
      return isLow || recent(writes, now).length >= tightWritesPerMinute;
    },
  };
}
