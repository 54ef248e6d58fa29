import type { z } from 'zod';
import type { Deps } from '../deps.ts';
import type { Run } from '../model/run.ts';
import { runObjectKey } from '../model/run-keys.ts';
import { type TestCase, testCasesSchema } from '../model/test-results.ts';

/**
 * Reads a JSON document that Berth did not write, such as one of the runner.
 *
 * @param mostBytes more is not read.
 * @returns undefined if it does not exist or is not valid: untrusted code ran next to its author.
 */
export async function readJson<Schema extends z.ZodType>(
  deps: Pick<Deps, 'objects' | 'log'>,
  key: string,
  schema: Schema,
  mostBytes = Number.POSITIVE_INFINITY,
): Promise<z.output<Schema> | undefined> {
  const object = await deps.objects.get(key);
  if (object === undefined) return undefined;
  if (object.sizeBytes > mostBytes) {
    deps.log.warn({ key, sizeBytes: object.sizeBytes }, 'a document is too large to be read');
    await object.body.cancel();
    return undefined;
  }
  const text = await new Response(object.body).text();
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
    deps.log.warn({ key, issues: parsed.error.issues.slice(0, 5) }, 'a document does not match its schema');
  } catch (error) {
    deps.log.warn({ key, err: error }, 'a document is not JSON');
  }
  return undefined;
}

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
