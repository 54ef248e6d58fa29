import type { JobProgress, UploadTarget } from '../../../app/core/model/job.ts';
import { bytesBody, putTarget } from './put-target.ts';

/** Tells the server where the run is, without ever delaying it. */
export interface ProgressReporter {
  /** Sends the newest state; while one is on its way, only the newest of the following is kept. */
  report(progress: JobProgress): void;
  /** Ends what is on its way: from here on the result says it all. */
  stop(): void;
}

/**
 * @param target asked at each sending, because it may be renewed.
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
      // Progress is a courtesy: the next one, or the result, makes good for one that is lost.
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
