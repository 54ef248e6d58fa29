import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { CacheUse } from './cache.ts';
import type { TestFailure, TestTotals } from './test-results.ts';

/** The end of a run, for people and programs. */
export interface Outcome {
  /** The command's exit code; null if it did not finish. */
  readonly exitCode: number | null;
  /** One sentence: what happened, and what to do about it. */
  readonly summary: string;
  /** Stable code of the reason if Berth, AWS or the source failed: docs/troubleshooting.md explains each. */
  readonly errorCode?: string;
  readonly tests?: TestTotals;
  /** The first tests that passed after they had failed in the earlier run: they are flaky. */
  readonly passedOnRetry?: readonly string[];
  readonly failures: readonly TestFailure[];
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
  /** The outputs that commands wrote to the file `BERTH_OUTPUT`. */
  readonly outputs?: Readonly<Record<string, string>>;
  readonly artifacts: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly isReport: boolean;
  }[];
  readonly caches?: readonly CacheUse[];
  /** How much time the caches saved, if known. */
  readonly cacheSavedSeconds?: number;
  readonly logTail: readonly string[];
  readonly hasReport: boolean;
  readonly costUsd?: number;
}

/** An outcome without results, for runs that ended before their tests did. */
export function outcomeWithoutResult(summary: string, errorCode?: string): Outcome {
  return omitUndefined({
    exitCode: null,
    summary,
    errorCode,
    failures: [],
    warnings: [],
    artifacts: [],
    logTail: [],
    hasReport: false,
  });
}
