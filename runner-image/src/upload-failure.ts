import { type JobResult, uploadTargetSchema } from '../../app/core/model/job.ts';
import { bytesBody, putTarget } from './http/put-target.ts';
import type { RunLog } from './output/run-log.ts';
import type { RunnerError } from './runner-error.ts';

export interface UploadFailureOptions {
  /** A job, or the document that was read instead. */
  readonly document: unknown;
  /** Undefined for a canceled run. */
  readonly failure: RunnerError | undefined;
  readonly at: Date;
  readonly log: RunLog;
  readonly signal: AbortSignal;
}

/**
 * Uploads a result that contains only the failure, if the document has a target for it.
 *
 * @throws the error of the upload
 */
export async function uploadFailure({
  document,
  failure,
  at,
  log,
  signal,
}: UploadFailureOptions): Promise<void> {
  const target = uploadTargetSchema.safeParse(property(property(document, 'uploads'), 'result'));
  const runId = property(document, 'runId');
  const launch = property(document, 'launch');
  if (!target.success || typeof runId !== 'string') return;
  const result: JobResult = {
    version: 1,
    runId,
    ...(typeof launch === 'number' ? { launch } : {}),
    outcome: failure === undefined ? 'cancelled' : 'errored',
    exitCode: null,
    ...(failure === undefined ? {} : { error: { code: failure.code, message: failure.message } }),
    phases: [{ name: 'fetch', startedAt: at.toISOString(), finishedAt: at.toISOString() }],
    failures: [],
    slowest: [],
    warnings: [],
    artifacts: [],
    logTail: log.tail.lines({ count: 100, maxCharacters: 2_000 }),
  };
  await putTarget(target.data, bytesBody(JSON.stringify(result)), {
    contentType: 'application/json',
    signal,
  });
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([key]) => key === name)?.[1]
    : undefined;
}
