import { setTimeout } from 'node:timers/promises';
import type { JobProgress, UploadTarget } from '../../../app/core/model/job.ts';
import { bytesBody, putTarget } from './put-target.ts';

/** Reports the progress of the run to the server without delaying the run. */
export interface ProgressReporter {
  /** Sends the newest state, after the delay. Until the request ends, only the newest of the following states is kept. */
  report(progress: JobProgress): void;
  /** Aborts the current request. From here on the result has all information. */
  stop(): void;
}

/**
 * @param target called for each request, because the URL may have been renewed
 * @param delaySeconds a state that is replaced within this time is not sent.
 */
export function createProgressReporter(target: () => UploadTarget, delaySeconds = 0): ProgressReporter {
  const stopped = new AbortController();
  let next: JobProgress | undefined;
  let isSending = false;

  async function sendAll(): Promise<void> {
    isSending = true;
    while (next !== undefined && !stopped.signal.aborted) {
      if (delaySeconds > 0) await pause();
      const progress = next;
      next = undefined;
      const body = bytesBody(JSON.stringify(progress));
      const options = { contentType: 'application/json', attempts: 1, signal: stopped.signal };
      // Progress is optional: the next report or the result replaces a lost one.
      await putTarget(target(), body, options).catch(() => undefined);
    }
    isSending = false;
  }

  async function pause(): Promise<void> {
    const options = { ref: false, signal: stopped.signal };
    await setTimeout(delaySeconds * 1000, undefined, options).catch(() => undefined);
  }

  return {
    report(progress) {
      next = progress;
      if (!isSending) void sendAll();
    },
    stop: () => stopped.abort(),
  };
}
