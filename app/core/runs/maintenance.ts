import { isWaiting, later } from '../../lib/later.ts';
import type { Deps } from '../deps.ts';
import { reclaimLeakedSlots, type SlotDeps } from '../limits/concurrency-slot.ts';
import { createPruner, type Retention } from './prune-runs.ts';
import { type OrphanDeps, stopOrphans } from './stop-orphans.ts';

export type MaintenanceDeps = OrphanDeps & SlotDeps & Pick<Deps, 'budgets'>;

/**
 * Runs the periodic jobs that one of all servers does in addition to the sweep: searches that cost more than a read of
 * what is due. After a crash the next server repeats a job. A job that fails does not stop the others.
 *
 * @param retention if omitted, runs are kept, or deleted by the platform.
 * @returns a function to call at every sweep. It asks the store whether a job is due only if this server thinks so.
 */
export function createMaintenance(deps: MaintenanceDeps, retention?: Retention): () => Promise<void> {
  let askAt = new Date(0);
  const prune =
    retention?.days === undefined && retention?.runs === undefined
      ? async () => {}
      : createPruner(deps, retention);
  const guarded = async (chore: string, work: () => Promise<unknown>): Promise<void> => {
    try {
      await work();
    } catch (err) {
      deps.log.error({ err, chore }, 'a maintenance task failed; it is tried again at the next interval');
    }
  };
  return async () => {
    const now = deps.clock.now();
    if (isWaiting(askAt, now, deps.policy.maintenanceSeconds)) return;
    const nextAt = later(now, deps.policy.maintenanceSeconds);
    askAt = nextAt;
    await guarded('claim', async () => {
      if (!(await deps.store.maintenance.claim('maintenance', now, nextAt))) return;
      await Promise.all([
        guarded('orphans', () => stopOrphans(deps)),
        guarded('slots', () => reclaimLeakedSlots(deps)),
        guarded('budgets', async () => deps.budgets?.warn()),
        guarded('quota', async () => deps.taskQuota?.refresh()),
        guarded('retention', () => prune(now)),
      ]);
    });
  };
}
