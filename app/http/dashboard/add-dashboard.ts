import type { Context } from 'hono';
import type { People } from '../../ports/people.ts';
import type { Api } from '../api.ts';
import type { HttpEnv } from '../http-env.ts';
import { addSignInRoutes } from '../sign-in/add-sign-in-routes.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import { addSessionRoutes } from './add-session-routes.ts';
import type { SessionTokens } from './session-token.ts';

/** A file of the built dashboard. */
export interface Asset {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly contentType: string;
}

export interface Dashboard {
  readonly tokens: SessionTokens;
  /** Absent: nobody signs in with GitHub. */
  readonly people?: People;
  /** Files by name; `index.html` among them. Names of the others change with their content. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** Everything from this origin, nothing inline, nothing framed. Styles that scripts set one by one are no markup. */
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

/** Addresses that the page itself gives meaning to. */
const pages = ['/', '/runs/:id', '/berths/:name', '/tests', '/tests/history'];

/** The web page that people keep open, at `/`. */
export function addDashboard(api: Api, { assets, tokens }: Dashboard, signIn: SignIn | undefined): void {
  addSessionRoutes(api, tokens, signIn);
  if (signIn !== undefined) addSignInRoutes(api, tokens, signIn);
  for (const page of pages) api.app.get(page, (c) => answer(c, assets.get('index.html'), 'no-cache'));
  api.app.get('/assets/:name', (c) =>
    answer(c, assets.get(c.req.param('name')), 'public, max-age=31536000, immutable'),
  );
}

/** For somebody whose address leads nowhere: the page says so, and leads on. */
export function missingPage(c: Context<HttpEnv>, { assets }: Dashboard): Response | Promise<Response> {
  c.status(404);
  return answer(c, assets.get('index.html'), 'no-cache');
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
