import { omitUndefined } from '../../lib/omit-undefined.ts';
import { groupBy } from '../../lib/split-list.ts';
import type { Store } from '../../ports/store.ts';
import type { ProjectId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';
import { runPages } from '../runs/run-pages.ts';

/** The finished runs of one week. */
export interface WeekTrend {
  /** The Monday, in UTC, as `2026-03-02`. */
  readonly week: string;
  /** Undefined for all suites together. */
  readonly suite?: string;
  readonly runs: number;
  readonly passed: number;
  readonly failed: number;
  /** Ended by Berth, AWS, the setup or the time limit. */
  readonly errored: number;
  /** The share of runs that passed or failed; undefined if there are none. */
  readonly medianSeconds?: number;
  /** The time from the request of the run to the request for its task. */
  readonly medianQueueSeconds?: number;
  /** Commits with a result, counted once for each suite. */
  readonly commits: number;
  /** Those of them that both passed and failed. */
  readonly flakyCommits: number;
  readonly costUsd: number;
  /** Caches that runs looked for, and those of them that they found complete. */
  readonly cacheLookups: number;
  readonly cacheHits: number;
  /** How much shorter the setups of all runs were because of their caches, as far as known. */
  readonly cacheSavedSeconds: number;
}

export interface Trends {
  /** Oldest first; the current week is the last. */
  readonly weeks: readonly string[];
  readonly rows: readonly WeekTrend[];
  /** False if the project has more runs in these weeks than were read. */
  readonly complete: boolean;
}

/** The maximum number of runs that are read, to bound the work of one request. */
export const maxRuns = 5000;
const pageSize = 100;
const dayMs = 24 * 3600 * 1000;

/** Summarizes the runs of a project by week and suite. */
export async function projectTrends(
  deps: { readonly store: { readonly runs: Pick<Store['runs'], 'list'> } },
  projectId: ProjectId,
  { now, weeks: count }: { readonly now: Date; readonly weeks: number },
): Promise<Trends> {
  const current = mondayOf(now);
  const weeks = Array.from({ length: count }, (_, index) =>
    dayOf(new Date(current.getTime() - (count - 1 - index) * 7 * dayMs)),
  );
  const since = new Date(`${weeks[0]}T00:00:00Z`);
  const { runs, complete } = await readRuns(deps, projectId, since);
  const byWeek = groupBy(runs, (run) => dayOf(mondayOf(run.createdAt)));
  const rows = [...byWeek].flatMap(([week, all]) => [
    { week, ...summaryOf(all) },
    ...[...groupBy(all, (run) => run.spec.suite)].map(([suite, some]) => ({
      week,
      suite,
      ...summaryOf(some),
    })),
  ]);
  return { weeks, rows, complete };
}

async function readRuns(
  deps: Parameters<typeof projectTrends>[0],
  projectId: ProjectId,
  since: Date,
): Promise<{ runs: readonly Run[]; complete: boolean }> {
  const runs: Run[] = [];
  const bounds = { perPage: pageSize, mostPages: Number.POSITIVE_INFINITY };
  for await (const { items, isLast } of runPages(deps.store, projectId, {}, bounds)) {
    for (const run of items) {
      // Newest first: every other run is older.
      if (run.createdAt < since) return { runs, complete: true };
      if (!isActive(run) && run.spec.teardownOf === undefined) runs.push(run);
    }
    if (runs.length >= maxRuns) return { runs, complete: isLast };
  }
  return { runs, complete: true };
}

function summaryOf(runs: readonly Run[]): Omit<WeekTrend, 'week' | 'suite'> {
  const count = (...states: readonly Run['state'][]): number =>
    runs.filter(({ state }) => states.includes(state)).length;
  const judged = runs.filter(({ state }) => state === 'succeeded' || state === 'failed');
  const commits = groupBy(
    judged.filter(({ sha }) => sha !== undefined),
    ({ sha, spec }) => `${sha} ${spec.suite}`,
  );
  const isFlaky = (some: readonly Run[]): boolean => new Set(some.map(({ state }) => state)).size > 1;
  const lookups = runs
    .flatMap(({ outcome }) => outcome?.caches ?? [])
    .filter(({ outcome }) => outcome !== 'kept');
  const medianSeconds = median(judged.flatMap(durationSeconds));
  const medianQueueSeconds = median(runs.flatMap(queueSeconds));
  return {
    runs: runs.length,
    passed: count('succeeded'),
    failed: count('failed'),
    errored: count('errored', 'timed_out'),
    ...omitUndefined({ medianSeconds, medianQueueSeconds }),
    commits: commits.size,
    flakyCommits: [...commits.values()].filter(isFlaky).length,
    costUsd: sumOf(runs, ({ outcome }) => outcome?.costUsd),
    cacheLookups: lookups.length,
    cacheHits: lookups.filter(({ outcome }) => outcome === 'hit').length,
    cacheSavedSeconds: sumOf(runs, ({ outcome }) => outcome?.cacheSavedSeconds),
  };
}

function sumOf(runs: readonly Run[], of: (run: Run) => number | undefined): number {
  return runs.reduce((sum, run) => sum + (of(run) ?? 0), 0);
}

function durationSeconds({ startedAt, finishedAt }: Run): number[] {
  if (startedAt === undefined || finishedAt === undefined) return [];
  return [Math.max(0, finishedAt.getTime() - startedAt.getTime()) / 1000];
}

function queueSeconds({ createdAt, milestones, startedAt }: Run): number[] {
  const until = milestones?.provisioning ?? startedAt;
  return until === undefined ? [] : [Math.max(0, until.getTime() - createdAt.getTime()) / 1000];
}

function median(values: readonly number[]): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle];
  const lower = sorted[middle - 1];
  if (upper === undefined) return undefined;
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

function mondayOf(date: Date): Date {
  const day = Math.floor(date.getTime() / dayMs);
  // Day 0 of Unix time was a Thursday.
  return new Date((day - ((day + 3) % 7)) * dayMs);
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}
