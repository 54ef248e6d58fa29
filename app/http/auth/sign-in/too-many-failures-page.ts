import type { Context } from 'hono';
import { html } from 'hono/html';
import { errorStatus } from '../../error-status.ts';
import type { TooManyFailures } from '../auth-failure-limiter.ts';

/** People who return from GitHub see this page instead of JSON. It loads nothing. */
export function tooManyFailuresPage(c: Context, error: TooManyFailures) {
  c.header('Retry-After', String(error.retryAfterSeconds));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>Berth: please wait</title>
      </head>
      <body>
        <h1>Please wait ${error.retryAfterSeconds} seconds</h1>
        <p>${error.message} (<code>${error.code}</code>)</p>
        <p><a href="/">Back to the sign-in page</a></p>
      </body>
    </html>`;
  return c.html(page, errorStatus.too_many_failures);
}
