import type { RunFiles } from '../../ports/run-files.ts';
import { type Deps, later } from '../deps.ts';
import { reclaimLeakedSlots } from '../limits/concurrency-slot.ts';
import { pruneRuns } from './prune-runs.ts';
import { stopOrphans } from './stop-orphans.ts';

/** What old runs are deleted with. */
export interface Retention {
  readonly runFiles: RunFiles;
  /** Runs are kept for so many days after they were created. */
  readonly days: number;
}

/**
 * Does once in a while what one of all servers has to do beside the sweep: searches that cost more than a look at what is
 * due. After a crash the next server does it again. A chore that fails does not stop the others.
 *
 * @param retention if omitted, runs are kept, or deleted by the platform.
 * @returns to be called at every sweep. Whether it is time is asked of the store only when this server thinks so.
 */
export function createMaintenance(deps: Deps, retention?: Retention): () => Promise<void> {
  let askAt = Number.NEGATIVE_INFINITY;
  const guarded = async (chore: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (err) {
      deps.log.error({ err, chore }, 'a maintenance task failed; it is tried again at the next interval');
    }
  };
  return async () => {
    const now = deps.clock.now();
    if (now.getTime() < askAt) return;
    const nextAt = later(now, deps.policy.maintenanceSeconds);
    askAt = nextAt.getTime();
    await guarded('claim', async () => {
      if (!(await deps.store.maintenance.claim('maintenance', now, nextAt))) return;
      await Promise.all([
        guarded('orphans', () => stopOrphans(deps)),
        guarded('slots', () => reclaimLeakedSlots(deps)),
        guarded('quota', async () => deps.taskQuota?.refresh()),
        guarded('retention', async () => prune(deps, retention, now)),
      ]);
    });
  };
}

async function prune(deps: Deps, retention: Retention | undefined, now: Date): Promise<void> {
  if (retention === undefined) return;
  const { runFiles, days } = retention;
  await pruneRuns({ ...deps, runFiles }, later(now, -days * 24 * 3600));
}
