import type { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { compress } from 'hono/compress';
import type { Api, OpenapiDocument } from '../api.ts';
import { addSessionRoutes } from '../auth/add-session-routes.ts';
import { addSignInRoutes } from '../auth/sign-in/add-sign-in-routes.ts';
import type { SignIn } from '../auth/sign-in/sign-in.ts';
import type { HttpEnv } from '../http-env.ts';
import type { Asset, Dashboard } from './dashboard-deps.ts';
import { operationList } from './operation-list.ts';

/** Everything from this origin, nothing inline, nothing framed. Scripts may still set single styles. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'self'",
].join('; ');

const pages = ['/', '/runs/:id', '/stacks', '/tests', '/tests/history', '/trends'];
/** Pages whose address is also a route of the REST API. */
const sharedPages = ['/stacks/:name'];

/** The dashboard, at `/`. */
export function addDashboard(
  api: Api,
  {
    dashboard,
    signIn,
    openapi,
  }: { dashboard: Dashboard; signIn: SignIn | undefined; openapi: () => OpenapiDocument },
): void {
  const { assets, tokens, warnings = [] } = dashboard;
  addSessionRoutes(api, { tokens, signIn, warnings });
  if (signIn !== undefined) addSignInRoutes(api, tokens, signIn);
  // Links of version 0.1.0.
  api.app.get('/berths/:name', (c) => {
    const { search } = new URL(c.req.url);
    return c.redirect(`/stacks/${encodeURIComponent(c.req.param('name'))}${search}`, 301);
  });
  for (const page of pages)
    api.app.get(page, async (c) => answer(c, (await assets()).get('index.html'), 'no-cache'));
  // Public, like the OpenAPI document.
  api.app.get('/docs', compress(), async (c) =>
    answer(c, docsPage((await assets()).get('docs.html'), openapi()), 'no-cache'),
  );
  api.app.use('/assets/*', compress());
  api.app.get('/assets/:name', async (c) =>
    answer(c, (await assets()).get(c.req.param('name')), 'public, max-age=31536000, immutable'),
  );
}

/** Serves pages whose address the REST API also uses. Add it before the routes of the API. */
export function addSharedPages(app: OpenAPIHono<HttpEnv>, { assets }: Dashboard): void {
  for (const page of sharedPages) {
    app.get(page, async (c, next) =>
      wantsPage(c.req.raw) ? answer(c, (await assets()).get('index.html'), 'no-cache') : next(),
    );
  }
}

/** Serves the page for an address that does not exist. */
export async function missingPage(c: Context<HttpEnv>, { assets }: Dashboard): Promise<Response> {
  c.status(404);
  return answer(c, (await assets()).get('index.html'), 'no-cache');
}

/** The page of the API with the list of its operations, which is readable before any script has loaded. */
function docsPage(page: Asset | undefined, document: OpenapiDocument): Asset | undefined {
  if (page === undefined) return undefined;
  const markup = new TextDecoder()
    .decode(page.body)
    .replace('%OPERATIONS%', () => `${operationList(document)}`);
  return { ...page, body: new TextEncoder().encode(markup) };
}

function answer(
  c: Context<HttpEnv>,
  asset: Asset | undefined,
  cacheControl: string,
): Response | Promise<Response> {
  if (asset === undefined) return c.notFound();
  c.header('Content-Security-Policy', contentSecurityPolicy);
  c.header('Referrer-Policy', 'same-origin');
  c.header('Cross-Origin-Opener-Policy', 'same-origin');
  c.header('Cache-Control', cacheControl);
  c.header('Content-Type', asset.contentType);
  return c.body(asset.body);
}

/**
 * Tells whether a browser requests a page at an address that the REST API also has. Browsers send
 * `Sec-Fetch-Mode` only to https and to localhost; otherwise `Accept` decides.
 */
function wantsPage(request: Request): boolean {
  if (request.method !== 'GET' || request.headers.has('x-api-key')) return false;
  const mode = request.headers.get('sec-fetch-mode');
  if (mode !== null) return mode === 'navigate';
  return (request.headers.get('accept') ?? '').includes('text/html');
}
