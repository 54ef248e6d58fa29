import type { Deps } from '../deps.ts';
import type { Run } from '../model/run.ts';
import { runObjectKey } from '../model/run-keys.ts';
import { type TestCase, testCasesSchema } from '../model/test-results.ts';
import { readJson } from './read-json.ts';

/** About 50,000 tests. Larger lists are not read for comparisons or the history, to bound the work of a request. */
const mostBytes = 8 * 1024 * 1024;

/** @returns the test cases of a run; undefined if it has no list of them, or one that is too large. */
export async function readTests(
  deps: Pick<Deps, 'objects' | 'log'>,
  run: Run,
): Promise<readonly TestCase[] | undefined> {
  if (run.outcome?.tests === undefined) return undefined;
  const document = await readJson(deps, runObjectKey(run.id, 'tests.json'), testCasesSchema, mostBytes);
  return document?.runId === run.id ? document.cases : undefined;
}
