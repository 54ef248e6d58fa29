import type { JobResult } from '../../app/core/model/job.ts';
import type { Artifact } from './artifacts/find-artifacts.ts';
import type { TestFindings } from './results/collect-tests.ts';

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
