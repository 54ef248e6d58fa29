import type { JobResult } from '../../../app/core/model/job.ts';
import type { TestCase, TestFailure, TestTotals } from '../../../app/core/model/test-results.ts';

/** Everything that the page of a report shows, as it is embedded in the page. */
export interface ReportData {
  readonly run: ReportRun;
  readonly phases: JobResult['phases'];
  readonly totals: TestTotals | null;
  readonly failures: readonly ReportFailure[];
  readonly slowest: readonly TestCase[];
  readonly cases: ReportCases;
  /** Pictures without a failed test. */
  readonly pictures: readonly Picture[];
  readonly artifacts: JobResult['artifacts'];
  readonly warnings: JobResult['warnings'];
  /** The last lines of the log. */
  readonly log: readonly string[];
  /** Names and values, as the page shows them. */
  readonly environment: readonly (readonly [string, string])[];
}

export interface ReportRun {
  readonly id: string;
  readonly project: string;
  readonly suite: string;
  readonly branch: string;
  readonly sha: string | null;
  readonly command: string;
  readonly outcome: JobResult['outcome'];
  /** The outcome in one sentence, with the reason if there is one. */
  readonly sentence: string;
  readonly stack: string | null;
  readonly startedAt: string;
  readonly durationSeconds: number;
  /** Only `http:` and `https:`. */
  readonly links: { readonly run?: string; readonly commit?: string; readonly stack?: string };
}

export interface ReportFailure extends TestFailure {
  readonly pictures: readonly Picture[];
}

export interface Picture {
  readonly path: string;
  /** `data:image/png;base64,…` */
  readonly source: string;
}

/** Every test case, in columns, so ten thousand of them stay small. */
export interface ReportCases {
  readonly groups: readonly string[];
  readonly names: readonly string[];
  /** Indexes into `groups`. */
  readonly group: readonly number[];
  /** Indexes into `outcomes`. */
  readonly outcome: readonly number[];
  /** Places of the tests that passed after they had failed. */
  readonly flaky: readonly number[];
  /** Places of the results that come from an earlier run. */
  readonly earlier: readonly number[];
  readonly seconds: readonly number[];
  /** Number of tests that are not listed. */
  readonly notListed: number;
}

export const outcomes = ['passed', 'failed', 'skipped'] as const;
