import type { CallOptions } from './client.ts';
import { isEnd } from './follow-run.ts';
import { setRunOutputs } from './outputs.ts';
import type { RunDeps } from './run.ts';
import { giveUpWaiting, releaseStack } from './stacks.ts';
import type { LeftBehind } from './step-state.ts';

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
 * that came to its end there is nothing left, but for a stack that was to be kept until now.
 */
export async function cleanUp(deps: RunDeps, left: LeftBehind): Promise<void> {
  const { client, host } = deps;
  const { asked } = left;
  // The same key finds the run that was asked for; one that was never made is made, and cancelled before it begins.
  const id =
    left.runId ?? (asked && (await client.start(asked.request, asked.idempotencyKey, patience)).workflow_id);
  if (id !== undefined) {
    await client.cancel(id, patience);
    host.info(`Run ${id} is cancelled: nobody waits for it any more.`);
  }
  if (left.inLine !== undefined) await giveUpWaiting(deps, left.inLine);
  if (left.stack !== undefined) await releaseStack(deps, left.stack);
}
