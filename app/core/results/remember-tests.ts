import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import type { TestCase } from '../model/test-results.ts';
import { runPages } from '../runs/run-pages.ts';
import { readJson, readTests } from './read-json.ts';
import {
  emptyHistory,
  foldTests,
  historyBounds,
  type TestedRun,
  type TestHistory,
  testHistorySchema,
} from './test-history.ts';

type HistoryDeps = Pick<Deps, 'store' | 'objects' | 'log'>;

/** How many lists of tests one call reads. */
const mostAtOnce = 10;
const perPage = 100;

export interface RememberedTests {
  readonly history: TestHistory;
  /** Runs whose tests are not included yet: the next call continues with them. */
  readonly pending: number;
}

export function testHistoryKey({ id }: Pick<Project, 'id'>): string {
  return `projects/${id}/test-history.json`;
}

/**
 * Returns the history of a project's tests, updated with as many of its newest runs as one call may read.
 *
 * Compares the stored history with the runs that exist, at every call; runs themselves do nothing for
 * it. If two parallel calls write their results, one is lost, and the next call finds its runs missing. So
 * the write needs no condition. decisions/0015-build-test-history-on-read.md has the reasons.
 */
export async function rememberTests(deps: HistoryDeps, project: Project): Promise<RememberedTests> {
  const key = testHistoryKey(project);
  const [history = emptyHistory, runs] = await Promise.all([
    readJson(deps, key, testHistorySchema),
    newestTested(deps, project),
  ]);
  const known = new Set(history.runs.map(({ id }) => id));
  const oldest = history.runs.length < historyBounds.runs ? '' : (history.runs[0]?.at ?? '');
  const missing = runs.filter(({ id, createdAt }) => !known.has(id) && createdAt.toISOString() > oldest);
  if (missing.length === 0) return { history, pending: 0 };

  const now = missing.slice(0, mostAtOnce);
  const tested = await Promise.all(
    // A run without a readable list is recorded without tests, and not read again.
    now.map(async (run) => ({ run: testedRun(run), cases: await ownTests(deps, run) })),
  );
  const next = foldTests(history, tested);
  await deps.objects.put(key, JSON.stringify(next), 'application/json');
  return { history: next, pending: missing.length - now.length };
}

/** The newest runs with test results, as many as the history keeps. */
async function newestTested({ store }: HistoryDeps, { id }: Project): Promise<readonly Run[]> {
  const tested: Run[] = [];
  const bounds = { perPage, mostPages: historyBounds.runs / perPage };
  for await (const { items } of runPages(store, id, { states: ['succeeded', 'failed'] }, bounds)) {
    tested.push(...items.filter(({ outcome }) => outcome?.tests !== undefined));
  }
  return tested;
}

/** Results of an earlier run are in the history with that run. */
async function ownTests(deps: HistoryDeps, run: Run): Promise<TestCase[]> {
  const cases = await readTests(deps, run);
  return (cases ?? []).filter(({ earlier }) => earlier !== true);
}

function testedRun({ id, spec, sha, createdAt }: Run): TestedRun {
  return omitUndefined({
    id,
    suite: spec.suite,
    branch: spec.branch,
    sha,
    at: createdAt.toISOString(),
  });
}
