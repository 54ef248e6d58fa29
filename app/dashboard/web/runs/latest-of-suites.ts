import type { RunSummary } from '../lib/api.ts';
import { isActive, stateTone } from '../ui/state-badge.tsx';

/**
 * The newest run of each suite: those that failed first, then those that run.
 *
 * @param runs newest first.
 */
export function latestOfSuites(runs: readonly RunSummary[]): readonly RunSummary[] {
  const latest = new Map<string, RunSummary>();
  for (const run of runs) if (!latest.has(run.suite)) latest.set(run.suite, run);
  const rank = ({ state }: RunSummary): number => {
    const index = ['bad', 'warn', 'busy'].indexOf(stateTone(state));
    return index < 0 ? 3 : index;
  };
  return [...latest.values()].sort((a, b) => rank(a) - rank(b) || a.suite.localeCompare(b.suite));
}

/** The runs that "Retest failed" starts again. */
export function unsuccessfulRuns(latest: readonly RunSummary[]): readonly RunSummary[] {
  return latest.filter((run) => !isActive(run) && run.state !== 'succeeded' && run.state !== 'skipped');
}
