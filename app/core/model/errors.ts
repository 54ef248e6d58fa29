/**
 * Every error that a user can meet has one of these codes; docs/troubleshooting.md has a line for each (a test
 * compares the two lists). Codes are stable: clients may branch on them, texts may change.
 */
export const errorCodes = [
  'invalid_request',
  'invalid_json',
  'body_too_large',
  'unauthorized',
  'forbidden',
  'not_found',
  'method_not_allowed',
  'conflict',
  'rate_limited',
  'too_many_failures',
  'url_not_allowed',
  'branch_invalid',
  'project_not_found',
  'project_exists',
  'project_suspended',
  'key_not_found',
  'run_not_found',
  'run_ended',
  'too_many_runs',
  'budget_exceeded',
  'not_approved',
  'branch_closed',
  'stack_not_found',
  'stack_dirty',
  'stack_held',
  'stack_token_stale',
  'stack_none_free',
  'hold_ended',
  'role_refused',
  'holder_closed',
  'cursor_invalid',
  'object_not_found',
  'file_too_large',
  'signature_invalid',
  'sign_in_expired',
  'sign_in_denied',
  'sign_in_failed',
  'github_unavailable',
  'config_invalid',
  'data_dir_in_use',
  'data_dir_missing',
  'database_damaged',
  'port_in_use',
  'install_failed',
  'engine_unreachable',
  'image_not_found',
  'launch_failed',
  'services_unsupported',
  'storage_full',
  'isolation_required',
  'no_capacity',
  'stop_failed',
  'task_lost',
  'deploy_failed',
  'needed_suite_failed',
  'task_not_started',
  'no_result',
  'interrupted',
  'settings_invalid',
  'internal',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface BerthErrorOptions {
  readonly cause?: unknown;
  /** The next step, in one sentence. */
  readonly hint?: string;
  /** One entry for each place that is wrong. */
  readonly details?: readonly { readonly path: string; readonly message: string }[];
}

/** The one error class of Berth: a stable code for programs, a sentence for people, the cause for the log. */
export class BerthError extends Error {
  override readonly name = 'BerthError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly details: readonly { readonly path: string; readonly message: string }[] | undefined;

  constructor(code: ErrorCode, message: string, options: BerthErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details;
  }
}

/** A conditional write lost its race: read again and decide again. Never shown to a user. */
export class LostRace extends Error {
  override readonly name = 'LostRace';
}

/** An external service is unavailable now, and said when to retry. Never ends a run. */
export class TryLater extends Error {
  override readonly name = 'TryLater';
  readonly at: Date;

  constructor(at: Date, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.at = at;
  }
}
