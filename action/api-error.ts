/** Berth has answered, and the answer is no. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Stable: the codes of `app/core/model/errors.ts`; undefined where something other than Berth has answered. */
  readonly code: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, options: { status: number; code?: string; retryAfterSeconds?: number }) {
    super(message);
    this.status = options.status;
    this.code = options.code;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }
}

/** The network, or whoever should have answered, was away: worth another try. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** Berth has not answered for so long that we have given up. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Whoever runs the workflow called it off. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled';

  constructor() {
    super('The workflow was cancelled.');
  }
}
