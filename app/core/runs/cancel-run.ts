import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import type { RunId } from '../model/ids.ts';
import { isActive, type Run } from '../model/run.ts';

/**
 * Records that a run is to end, and has it looked at. Its task is told by the next look.
 *
 * @returns the run; one that has ended already is returned unchanged. Undefined where there is none.
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
      // Somebody moved the run on in between: what it has become decides.
      if (!(error instanceof LostRace)) throw error;
    }
  }
}
