import type { runnerErrorCodes } from '../../app/core/model/job.ts';

export type RunnerErrorCode = (typeof runnerErrorCodes)[number];

/** Why the runner ended the run itself: a stable code, and a sentence that says what happened and what to do. */
export class RunnerError extends Error {
  override readonly name = 'RunnerError';
  readonly code: RunnerErrorCode;

  constructor(code: RunnerErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The run received TERM or INT. The current step throws this error. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor() {
    super('The run was canceled.');
  }
}

/** @returns the message of an error in one line, whatever was thrown */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : undefined;
  return error.message || code || error.name;
}
