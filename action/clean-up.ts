import { cancelUnlessEnded } from './cancel.ts';
import { errorText } from './error-text.ts';
import { cancelReason } from './run.ts';
import type { RunDeps } from './run-deps.ts';
import { leaveQueue, releaseStack } from './stacks.ts';
import type { LeftBehind } from './step-state.ts';

/**
 * Cleans up what the main step left because it was killed or lost its connection to Berth, and releases a stack that
 * was held for the job. A step that ended by itself leaves nothing else. What fails becomes a warning: the job has its
 * result already.
 *
 * @param deps.signal ends the attempts, since the runner does not wait for long.
 */
export async function cleanUp(deps: RunDeps, left: LeftBehind): Promise<void> {
  const { queued, stack, runId } = left;
  const run = runId === undefined ? 'The run of this step' : `Run ${runId}`;
  await Promise.all([
    attempt(deps, `${run} was not canceled`, () => endRun(deps, left)),
    queued && attempt(deps, 'A request for a stack was not withdrawn', () => leaveQueue(deps, queued)),
    stack && attempt(deps, `Stack ${stack.stackName} was not released`, () => releaseStack(deps, stack)),
  ]);
}

async function attempt({ host, signal }: RunDeps, failure: string, task: () => Promise<void>): Promise<void> {
  try {
    await task();
  } catch (error) {
    const reason = signal.aborted ? 'Berth did not answer in time.' : errorText(error);
    host.warning(`${failure}: ${reason}`);
  }
}

async function endRun({ api, host, signal, github }: RunDeps, left: LeftBehind): Promise<void> {
  const id = left.runId ?? (await idOf({ api, signal }, left));
  if (id === undefined) return;
  if (await cancelUnlessEnded(api, id, { signal, reason: cancelReason }))
    host.info(`Run ${id} is canceled, since no step waits for it.`);
  if (left.check === undefined) return;
  const run = await api.run(id, { signal });
  await github.show({ ...run, conclusion: run.conclusion ?? 'cancelled' }, 0);
}

/** The same key finds the run that was requested; if the request did not arrive, the run is canceled before it begins. */
async function idOf(
  { api, signal }: Pick<RunDeps, 'api' | 'signal'>,
  { requested }: LeftBehind,
): Promise<string | undefined> {
  if (requested === undefined) return undefined;
  const { request, idempotencyKey } = requested;
  return (await api.startRun({ ...request, idempotency_key: idempotencyKey }, { signal })).workflow_id;
}
