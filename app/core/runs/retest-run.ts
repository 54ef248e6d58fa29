import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { holder, runId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run, Trigger } from '../model/run.ts';
import { unpublished } from './new-run.ts';
import { startRun } from './start-run.ts';

/**
 * The same again: a new run of what an earlier run did. A run that has ended stays as it ended.
 *
 * @param request.key what was asked, so that a request that is delivered twice makes one run.
 */
export async function retestRun(
  deps: Pick<Deps, 'store' | 'clock' | 'ids' | 'enqueue' | 'log'>,
  request: { project: Project; run: Run; trigger: Trigger; key: string; attempt?: number },
): Promise<{ run: Run; created: boolean }> {
  const { project, run } = request;
  const id = runId(await deps.ids.derived('retest', run.id, request.key));
  // The new run shows itself: it has no check run yet, and holds for itself where the old one did.
  const wish = run.spec.stack;
  const ownHold = wish?.holder === `run:${run.id}`;
  return startRun(
    deps,
    omitUndefined({
      project,
      id,
      spec: ownHold ? { ...run.spec, stack: { ...wish, holder: holder.run(id) } } : run.spec,
      trigger: request.trigger,
      retryOf: run.id,
      attempt: request.attempt,
      sha: run.sha,
      github: run.github === undefined ? undefined : unpublished(run.github),
    }),
  );
}
