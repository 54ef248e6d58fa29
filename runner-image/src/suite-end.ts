import type { Commit, JobResult } from '../../app/core/model/job.ts';
import type { Artifact } from './artifacts/find-artifacts.ts';
import type { SuiteCaches } from './cache/suite-caches.ts';
import type { TestFindings } from './results/collect-tests.ts';
import type { LineFindings } from './results/lines/line-reader.ts';
import type { RunnerError } from './runner-error.ts';

/** How a suite's commands ended. */
export interface CommandsEnd {
  readonly outcome: JobResult['outcome'];
  readonly exitCode: number | null;
  readonly signal?: NodeJS.Signals;
  readonly error?: RunnerError;
  readonly warnings?: JobResult['warnings'];
  /** Test results that the test command printed. */
  readonly output?: readonly LineFindings[];
  /** The results of all tests, where only some of them ran. They count in place of those in the checkout. */
  readonly tests?: TestFindings;
  /** When the command began that counts, if an earlier one did not. */
  readonly startedAtMs?: number;
  /** Versions of the tools that the suite uses. */
  readonly toolVersions?: readonly (readonly [string, string])[];
}

/** How the run ended, before its results are read. */
export interface SuiteEnd extends Partial<Omit<CommandsEnd, 'outcome' | 'exitCode'>> {
  readonly outcome: CommandsEnd['outcome'];
  /** Null if no command finished. */
  readonly exitCode: number | null;
  /** The commit that was checked out. */
  readonly sha?: string;
  readonly commit?: Commit;
  /** The time of the file system at which the commands began. If omitted, they did not begin. */
  readonly startedAtMs?: number;
  /** If omitted, the suite has none, or its source could not be fetched. */
  readonly caches?: SuiteCaches;
  /** The services whose ports refused connections after the command failed. */
  readonly servicesDown?: readonly string[];
}

/** The findings of a run, ready for the upload. */
export interface Findings {
  readonly tests: TestFindings;
  readonly artifacts: readonly Artifact[];
  /** HTML. If omitted, it could not be made. */
  readonly report?: string;
  readonly peakMemoryMib?: number;
  /** If omitted, there are none. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly warnings: JobResult['warnings'];
}
