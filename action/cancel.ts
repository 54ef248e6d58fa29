import { ApiError } from '../app/client/api-error.ts';
import type { BerthApi } from '../app/client/berth-api.ts';
import type { CallOptions } from '../app/client/call.ts';
import { isEnd } from './follow-run.ts';
import { setRunOutputs } from './outputs.ts';
import type { RunDeps } from './run-deps.ts';

/** Cancels a run that another step started. */
export async function cancel(
  { api, host, signal }: RunDeps,
  { workflowId, wait }: { readonly workflowId: string; readonly wait: boolean },
): Promise<void> {
  await cancelUnlessEnded(api, workflowId, { signal });
  host.info(`Run ${workflowId} is canceled.`);
  let current = await api.run(workflowId, { signal });
  while (wait && !isEnd(current.state) && !signal.aborted) {
    await host.pause(1000, signal);
    current = await api.run(workflowId, { signal });
  }
  setRunOutputs(host, current);
}

/** A run that has already ended needs no cancelling. */
export async function cancelUnlessEnded(
  api: BerthApi,
  id: string,
  options: CallOptions & { readonly reason?: string },
): Promise<void> {
  try {
    await api.cancelRun(id, options.reason, options);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'run_ended')) throw error;
  }
}
