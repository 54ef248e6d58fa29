import type { JobProgress, UploadTarget } from '../../../app/core/model/job.ts';
import { bytesBody, putTarget } from './put-target.ts';

/** Reports the progress of the run to the server without delaying the run. */
export interface ProgressReporter {
  /** Sends the newest state. While a request is running, only the newest of the following states is kept. */
  report(progress: JobProgress): void;
  /** Aborts the current request. From here on the result has all information. */
  stop(): void;
}

/**
 * @param target called for each request, because the URL may have been renewed
 */
export function createProgressReporter(target: () => UploadTarget): ProgressReporter {
  const stopped = new AbortController();
  let next: JobProgress | undefined;
  let isSending = false;

  async function sendAll(): Promise<void> {
    isSending = true;
    for (let progress = next; progress !== undefined && !stopped.signal.aborted; progress = next) {
      next = undefined;
      const body = bytesBody(JSON.stringify(progress));
      const options = { contentType: 'application/json', attempts: 1, signal: stopped.signal };
      // Progress is optional: the next report or the result replaces a lost one.
      await putTarget(target(), body, options).catch(() => undefined);
    }
    isSending = false;
  }

  return {
    report(progress) {
      next = progress;
      if (!isSending) void sendAll();
    },
    stop: () => stopped.abort(),
  };
}
