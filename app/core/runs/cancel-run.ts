import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';

/**
 * Records that a run must end, and enqueues it. The next reconcile stops its task.
 *
 * @returns the run; one that has ended already is returned unchanged. Undefined if it does not exist.
 */
export async function cancelRun(
  deps: Pick<Deps, 'store' | 'clock' | 'enqueue'>,
  request: { id: RunId; reason: string; by?: string },
): Promise<Run | undefined> {
  for (;;) {
    const run = await deps.store.runs.get(request.id);
    if (run === undefined || !isActive(run) || run.cancel !== undefined) return run;
    const now = deps.clock.now();
    const cancel = omitUndefined({
      at: now,
      reason: request.reason,
      by: request.by,
    });
    try {
      const saved = await deps.store.runs.save({ ...run, cancel, dueAt: now }, now);
      await deps.enqueue(run.id);
      return saved;
    } catch (error) {
      // Another process changed the run in between: its new state decides.
      if (!(error instanceof LostRace)) throw error;
    }
  }
}
