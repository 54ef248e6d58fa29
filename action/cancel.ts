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
  const isCanceled = await cancelUnlessEnded(api, workflowId, { signal });
  host.info(`Run ${workflowId} ${isCanceled ? 'is canceled' : 'has already ended'}.`);
  let current = await api.run(workflowId, { signal });
  while (wait && !isEnd(current.state) && !signal.aborted) {
    await host.pause(1000, signal);
    current = await api.run(workflowId, { signal });
  }
  setRunOutputs(host, current);
}

/** @returns false if the run has already ended, so it is not canceled again. */
export async function cancelUnlessEnded(
  api: BerthApi,
  id: string,
  options: CallOptions & { readonly reason?: string },
): Promise<boolean> {
  try {
    await api.cancelRun(id, options.reason, options);
    return true;
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'run_ended')) throw error;
    return false;
  }
}
