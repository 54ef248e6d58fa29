import type { RunId } from '../core/model/ids.ts';

/** Everything that is kept of a run beside its record: its log, report, results and artifacts. */
export interface RunFiles {
  /** Idempotent. */
  remove(id: RunId): Promise<void>;
}
