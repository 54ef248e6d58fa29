import type { z } from 'zod';
import type { TestCase, testCasesSchema } from '../../app/core/model/test-results.ts';

export interface TestsDocument {
  /** JSON of {@link testCasesSchema}. */
  readonly json: string;
  /** Number of test cases that are not in it. */
  readonly leftOut: number;
}

/** Lists the test cases. If they exceed the limit, failed tests come first, and the rest is left out. */
export function testsDocument(runId: string, cases: readonly TestCase[], maxBytes: number): TestsDocument {
  const whole = written(runId, cases);
  if (Buffer.byteLength(whole) <= maxBytes) return { json: whole, leftOut: 0 };
  const listed = [...cases].sort(
    (one, other) => Number(other.outcome === 'failed') - Number(one.outcome === 'failed'),
  );
  const sizes = listed.map((testCase) => Buffer.byteLength(JSON.stringify(testCase)) + 1);
  let leftBytes = maxBytes - Buffer.byteLength(written(runId, []));
  const count = sizes.findIndex((size) => {
    leftBytes -= size;
    return leftBytes < 0;
  });
  return { json: written(runId, listed.slice(0, count)), leftOut: cases.length - count };
}

function written(runId: string, cases: readonly TestCase[]): string {
  const document: z.infer<typeof testCasesSchema> = { version: 1, runId, cases: [...cases] };
  return JSON.stringify(document);
}
