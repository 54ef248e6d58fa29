import { createHash, timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { html } from 'hono/html';
import { secureHeaders } from 'hono/secure-headers';
import { type AppCredentials, appManifest, setupDonePath } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';
import { errorPage, errorParagraphs } from '../error-page.ts';
import { errorStatus } from '../error-status.ts';

export interface SetupDeps {
  /** Allows setting up the App; the server prints it when it starts. */
  readonly token: string;
  readonly publicUrl: string;
  /** The address of this page, if it is not at the public address. */
  readonly redirectUrl?: string;
  /** `https://github.com`, or the address of GitHub Enterprise Server. */
  readonly githubUrl: string;
  /** The organization that will own the App. If omitted, the person who creates it. */
  readonly organization?: string;
  /** Throws if an App cannot be connected to this server. */
  readonly checkReady: () => void;
  readonly convert: (code: string) => Promise<AppCredentials>;
  /** Stores the credentials, and uses them from now on. */
  readonly configured: (credentials: AppCredentials) => Promise<void>;
}

/**
 * Registers the App with GitHub by the manifest flow: a page with one button, and the redirect back from GitHub. Both
 * require the token, so that no one else can connect this server to an App of another account.
 */
export function setupRoutes(deps: SetupDeps): Hono {
  const app = new Hono();
  app.use('/setup/*', setupHeaders(deps.githubUrl));
  app.use('/setup', setupHeaders(deps.githubUrl));
  app.onError((error, c) => {
    if (!(error instanceof BerthError)) throw error;
    if (error.code === 'forbidden') return errorPage(c, error);
    const start = `/setup?token=${encodeURIComponent(deps.token)}`;
    // The code is still valid after an outage, and GitHub has created the App: a new start would create a second one.
    const again = error.code === 'github_unavailable' ? `?${new URL(c.req.url).searchParams}` : start;
    return c.html(failedPage(error, again), errorStatus[error.code]);
  });

  app.get('/setup', (c) => {
    refuseStranger(deps.token, c.req.query('token'));
    deps.checkReady();
    return c.html(page(deps));
  });

  app.get(setupDonePath, async (c: Context) => {
    refuseStranger(deps.token, c.req.query('state'));
    const code = c.req.query('code') ?? '';
    if (!/^[\w-]{1,200}$/.test(code))
      throw new BerthError('invalid_request', 'GitHub returned no code, so it created no App.');
    const credentials = await deps.convert(code);
    await deps.configured(credentials);
    return c.redirect(`${credentials.htmlUrl}/installations/new`);
  });
  return app;
}

/** Tells a person who opens the setup page, or returns to it, that an App is already connected. */
export function setupDoneRoutes(): Hono {
  const app = new Hono();
  for (const path of ['/setup', setupDonePath]) {
    app.use(path, setupHeaders());
    app.get(path, (c) => {
      // A code that was not needed: the person created one App more.
      const isSecond = path === setupDonePath;
      return c.html(donePage(isSecond), isSecond ? 409 : 200);
    });
  }
  return app;
}

/** The page sends one form, to GitHub, and does nothing else. */
function setupHeaders(githubUrl = "'none'") {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      styleSrc: ["'unsafe-inline'"],
      formAction: [githubUrl],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
    },
    // The address contains the token.
    referrerPolicy: 'no-referrer',
  });
}

function refuseStranger(token: string, given: string | undefined): void {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  if (given !== undefined && timingSafeEqual(digest(given), digest(token))) return;
  throw new BerthError('forbidden', 'This page needs the token that Berth printed when it started.', {
    hint: 'Open the complete address from the output of the server.',
  });
}

function failedPage(error: BerthError, again: string) {
  return layout(
    'The GitHub App was not connected',
    html`${errorParagraphs(error)}
      <p><a href="${again}">Try again</a></p>`,
  );
}

function donePage(isSecond: boolean) {
  return layout(
    'The GitHub App is already set up',
    html`${
      isSecond
        ? html`<p>Berth uses the App that it was connected with first. If you just created another one, delete it on GitHub.</p>`
        : ''
    }
      <p><a href="/">Go to Berth</a></p>`,
  );
}

function page({ token, publicUrl, redirectUrl = publicUrl, githubUrl, organization }: SetupDeps) {
  const owner = organization === undefined ? '' : `/organizations/${encodeURIComponent(organization)}`;
  const target = `${githubUrl}${owner}/settings/apps/new?state=${encodeURIComponent(token)}`;
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(new URL(publicUrl).hostname);
  return layout(
    'Connect Berth with GitHub',
    html`<p>
          One button registers your own GitHub App: GitHub shows its permissions and lets you name it. GitHub then
          returns the credentials of the App to Berth, and asks which repositories the App may access.
        </p>
        ${
          isLocal
            ? html`<p class="warning">
                GitHub cannot reach <code>${publicUrl}</code>, so no event would arrive. Start Berth with
                <code>BERTH_PUBLIC_URL</code> set to an address that GitHub reaches, such as that of a tunnel.
              </p>`
            : ''
        }
        <form method="post" action="${target}">
          <input type="hidden" name="manifest" value="${JSON.stringify(appManifest(publicUrl, redirectUrl))}" />
          <button type="submit">Create the GitHub App</button>
        </form>`,
  );
}

function layout(title: string, content: ReturnType<typeof html>) {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <meta name="color-scheme" content="light dark" />
        <title>Berth: ${title}</title>
        <style>
          body { font: 1rem/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; }
          button { font: inherit; padding: 0.6rem 1.2rem; }
          code { overflow-wrap: anywhere; }
          .warning { border-left: 4px solid light-dark(#b35900, #eeb04f); padding-left: 1rem; }
        </style>
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html>`;
}
