import type { JobResult } from '../../app/core/model/job.ts';
import type { Artifact } from './artifacts/find-artifacts.ts';
import type { TestFindings } from './results/collect-tests.ts';

/** What a run left behind, ready for the upload. */
export interface Findings {
  readonly tests: TestFindings;
  readonly artifacts: readonly Artifact[];
  /** HTML; absent where it could not be made. */
  readonly report?: string;
  readonly peakMemoryMib?: number;
  readonly warnings: JobResult['warnings'];
}
