import type { CaseDraft } from '../result-case.ts';

/** The test results in a tool's output. */
export interface LineFindings {
  /** The name of the tool. */
  readonly tool: string;
  /** Every test, or only the failed ones if `counts` has the sums. */
  readonly drafts: readonly CaseDraft[];
  /** The tool's summary. If omitted, `drafts` is complete. */
  readonly counts?: TestCounts;
  /** The tool names only its failed tests. */
  readonly isPartial?: boolean;
}

export interface TestCounts {
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Reads what a tool prints, one line at a time. */
export interface LineReader {
  /** @param text without colors and its line end */
  line(text: string): void;
  /** @returns undefined if the output is not from this tool. */
  end(): LineFindings | undefined;
}
