import { type Deps, later } from '../deps.ts';
import { reclaimLeakedSlots } from '../limits/concurrency-slot.ts';
import { stopOrphans } from './stop-orphans.ts';

/**
 * What is done once in a while beside the sweep, by one of all servers: searches that cost more than a look at what is
 * due. After a crash in the midst of it the next one does it again.
 *
 * @returns to be called at every sweep. Whether it is time is asked of the store only when this server thinks so.
 */
export function createMaintenance(deps: Deps): () => Promise<void> {
  let askAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = deps.clock.now();
    if (now.getTime() < askAt) return;
    const nextAt = later(now, deps.policy.maintenanceSeconds);
    askAt = nextAt.getTime();
    try {
      if (!(await deps.store.maintenance.claim('maintenance', now, nextAt))) return;
      await Promise.all([stopOrphans(deps), reclaimLeakedSlots(deps), deps.taskQuota?.refresh()]);
    } catch (err) {
      // The sweep beside it matters more, and must not fail with it.
      deps.log.error({ err }, 'what nobody wants any more could not be searched for; the next time comes');
    }
  };
}
