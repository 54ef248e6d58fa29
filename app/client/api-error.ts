/** An error answer of the server, or an answer that does not come from a Berth server. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  /** Stable; docs/troubleshooting.md lists the codes. Undefined if the answer names none. */
  readonly code: string | undefined;
  /** Advice on what to do. */
  readonly hint: string | undefined;
  /** More sentences, such as the mistakes in a body. */
  readonly details: readonly string[];
  /** False if a proxy or some other server answered. */
  readonly isBerth: boolean;
  /** Where a redirect points. */
  readonly location: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(message: string, answer: ApiErrorAnswer) {
    super(message);
    this.status = answer.status;
    this.code = answer.code;
    this.hint = answer.hint;
    this.details = answer.details ?? [];
    this.isBerth = answer.isBerth ?? true;
    this.location = answer.location;
    this.retryAfterMs = answer.retryAfterMs;
  }
}

export interface ApiErrorAnswer {
  readonly status: number;
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
  readonly details?: readonly string[] | undefined;
  readonly isBerth?: boolean | undefined;
  readonly location?: string | undefined;
  readonly retryAfterMs?: number | undefined;
}

/** No complete answer arrived. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
  /** A reason such as `connection refused`. */
  readonly reason: string;
  /** Whether a later attempt may succeed; false for a certificate that is not trusted. */
  readonly isTransient: boolean;
  /** Whether the request may have arrived; false if no connection was made. */
  readonly mayHaveArrived: boolean;

  constructor(
    reason: string,
    options: {
      readonly cause: unknown;
      readonly isTransient?: boolean;
      readonly mayHaveArrived?: boolean;
      readonly triedMs?: number;
    },
  ) {
    const { cause, isTransient = true, mayHaveArrived = true, triedMs = 0 } = options;
    const duration = triedMs < 1000 ? '' : ` for ${Math.round(triedMs / 1000)} s`;
    super(isTransient ? `Berth did not answer${duration}: ${reason}.` : reason, { cause });
    this.reason = reason;
    this.isTransient = isTransient;
    this.mayHaveArrived = mayHaveArrived;
  }
}
