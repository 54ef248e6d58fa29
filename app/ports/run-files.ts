import type { RunId } from '../core/model/ids.ts';

/** The stored files of a run: its log, report, results and artifacts. */
export interface RunFiles {
  /** Idempotent. */
  remove(id: RunId): Promise<void>;
}
