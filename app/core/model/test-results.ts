import { z } from 'zod';

export const testTotalsSchema = z.object({
  total: z.number().int().nonnegative(),
  passed: z.number().int().nonnegative(),
  /** Failures and errors of JUnit together. */
  failed: z.number().int().nonnegative(),
  skipped: z.number().int().nonnegative(),
  durationSeconds: z.number().nonnegative(),
  /** Tests that passed after they had failed. They count as passed. */
  flaky: z.number().int().nonnegative().optional(),
  /** Results of an earlier run of the commit: only its failed tests ran again. They are in the other counts. */
  earlier: z.number().int().nonnegative().optional(),
});
export type TestTotals = z.infer<typeof testTotalsSchema>;

/** Written by the runner for a test without a result. A retest looks for it: other tests may not have run. */
export const unfinishedTest = 'The test did not finish.';

export const testFailureSchema = z.object({
  name: z.string(),
  /** The JUnit class name, or the suite's name. */
  group: z.string(),
  /** Relative to the checkout. */
  file: z.string().optional(),
  line: z.number().int().min(1).optional(),
  message: z.string(),
  /** Stack trace and output, cut to a few kilobytes. */
  details: z.string().optional(),
});
export type TestFailure = z.infer<typeof testFailureSchema>;

export const testCaseSchema = z.object({
  name: z.string(),
  group: z.string(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  durationSeconds: z.number().nonnegative(),
  /** The test passed after it had failed. */
  flaky: z.boolean().optional(),
  /** The file of a failed test, relative to the checkout, where it is known. */
  file: z.string().optional(),
  /** The result of an earlier run of the commit: the test did not run again. */
  earlier: z.boolean().optional(),
});
export type TestCase = z.infer<typeof testCaseSchema>;
export const testCasesSchema = z.object({
  version: z.literal(1),
  runId: z.string(),
  cases: z.array(testCaseSchema),
});
