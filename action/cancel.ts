import type { CallOptions } from './client.ts';
import { isEnd } from './follow-run.ts';
import { idempotencyKey } from './idempotency-key.ts';
import { setRunOutputs } from './outputs.ts';
import type { RunDeps } from './run.ts';
import type { Settings } from './settings.ts';
import { giveUpWaiting, releaseStack } from './stacks.ts';
import type { StepState } from './step-state.ts';

/** Cancels a run that somebody started elsewhere. */
export async function cancel(
  { client, host, signal }: RunDeps,
  { workflowId, wait }: { readonly workflowId: string; readonly wait: boolean },
): Promise<void> {
  await client.cancel(workflowId, { signal });
  host.info(`Run ${workflowId} is cancelled.`);
  let seen = await client.workflow(workflowId, { signal });
  while (wait && !isEnd(seen.state) && !signal.aborted) {
    await host.pause(1000, signal);
    seen = await client.workflow(workflowId, { signal });
  }
  setRunOutputs(host, seen);
}

/** The job ends whether or not Berth answers. */
const patience: CallOptions = { patienceMs: 60_000 };

/**
 * The post step: cleans up what the main step could not, because it was killed or lost its way to Berth. After a step
 * that came to its end, there is nothing to do.
 */
export async function cleanUp(deps: RunDeps, settings: Settings, left: StepState): Promise<void> {
  const { client, host } = deps;
  if (settings.operation === 'run') {
    // The same key finds the run that the step had asked for, if it was made.
    const lost = left.isAsking && left.workflowId === undefined;
    const id = lost
      ? (await client.start(settings.request, idempotencyKey(settings), patience)).workflow_id
      : left.workflowId;
    if (id === undefined) return;
    await client.cancel(id, patience);
    host.info(`Run ${id} is cancelled: nobody waits for it any more.`);
  }
  if (settings.operation === 'request-stack') {
    if (left.waitingHolder !== undefined) await giveUpWaiting(deps, settings.branch, left.waitingHolder);
    if (left.stackToRelease !== undefined) await releaseStack(deps, left.stackToRelease);
  }
}
