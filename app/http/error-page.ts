import type { Context } from 'hono';
import { html } from 'hono/html';
import type { BerthError } from '../core/model/errors.ts';
import { hintForPeople } from '../lib/hint-for-people.ts';
import { TooManyFailures } from './auth/auth-failure-limiter.ts';
import { errorStatus } from './error-status.ts';

/** Shows an error to a person who opened an address in a browser, instead of JSON. The page loads nothing. */
export function errorPage(c: Context, error: BerthError) {
  const status = errorStatus[error.code];
  const title = titleOf(error, status);
  if (error instanceof TooManyFailures) c.header('Retry-After', String(error.retryAfterSeconds));
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>Berth: ${title.toLowerCase()}</title>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${errorParagraphs(error)}
          <p><a href="/">Go to Berth</a></p>
        </main>
      </body>
    </html>`;
  return c.html(page, status);
}

/** The paragraphs that say what was wrong, and what to do. */
export function errorParagraphs(error: BerthError) {
  const hint = hintForPeople(error.hint);
  return html`<p>${error.message} (<code>${error.code}</code>)</p>
    ${hint === undefined ? '' : html`<p>${hint}</p>`}`;
}

function titleOf(error: BerthError, status: number): string {
  if (error instanceof TooManyFailures) return `Please wait ${error.retryAfterSeconds} seconds`;
  if (status === 404) return 'Not found';
  return status === 403 ? 'No access' : 'This page cannot be shown';
}
