import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { BerthError } from '../core/model/errors.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Logger } from '../ports/logger.ts';
import { TooManyFailures } from './auth/auth-failure-limiter.ts';
import { errorStatus } from './error-status.ts';
import type { HttpEnv } from './http-env.ts';

/** Turns any error into a response. An unexpected error is logged in full, and shown only as a request ID. */
export function answerError(c: Context<HttpEnv>, error: unknown, log: Logger): Response {
  const known = knownError(error);
  if (known === undefined) return answerUnexpected(c, error, log);
  const status = errorStatus[known.code];
  if (status >= 500) log.error({ requestId: c.var.requestId, err: error }, 'the request failed');
  if (known instanceof TooManyFailures) c.header('Retry-After', String(known.retryAfterSeconds));
  if (status === 401) c.header('WWW-Authenticate', 'ApiKey realm="Berth", header="X-API-Key"');
  return c.json(
    {
      ...textOf(c, known.message),
      code: known.code,
      ...omitUndefined({ hint: known.hint, details: known.details }),
    },
    status,
  );
}

/** Errors of the framework are client errors: it throws them for requests that it cannot read. */
function knownError(error: unknown): BerthError | undefined {
  if (error instanceof BerthError && error.code !== 'internal') return error;
  if (error instanceof HTTPException && error.status < 500) {
    return new BerthError(
      'invalid_request',
      error.message === '' ? 'The request cannot be read.' : error.message,
    );
  }
  return undefined;
}

function answerUnexpected(c: Context<HttpEnv>, error: unknown, log: Logger): Response {
  const { requestId, errorStyle } = c.var;
  // The sender disconnected before the end of the body, so no one reads the response.
  if (c.req.raw.signal.aborted) return c.body(null, 400);
  log.error({ requestId, method: c.req.method, path: c.req.path, err: error }, 'a request failed');
  const details = `The reason is in the server's log, with the request ID ${requestId}.`;
  return errorStyle?.failed === undefined
    ? c.json({ ...textOf(c, 'Internal error in Berth.'), code: 'internal', hint: details }, 500)
    : c.json({ ...textOf(c, errorStyle.failed), code: 'internal', details }, 500);
}

/** Builds the text fields of an error response. */
export function textOf(c: Context<HttpEnv>, message: string): { message: string; error?: string } {
  return c.var.errorStyle?.errorField === true ? { error: message, message } : { message };
}
