import type { CaseDraft } from '../result-case.ts';

/** What a tool says of its tests in what it prints. */
export interface LineFindings {
  /** As its users call it. */
  readonly tool: string;
  /** Every test, or only those that failed where `counts` says how many there were. */
  readonly drafts: readonly CaseDraft[];
  /** From the tool's own summary; absent where `drafts` is complete. */
  readonly counts?: TestCounts;
  /** The tool names its failed tests only. */
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
  /** @returns undefined where the output was not this tool's. */
  end(): LineFindings | undefined;
}
