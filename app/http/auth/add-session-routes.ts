import { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import type { Api } from '../api.ts';
import { readJsonBody } from '../read-body.ts';
import { validate } from '../validate.ts';
import { hashKey } from './api-key.ts';
import { authenticateKey } from './authenticate-key.ts';
import type { Caller } from './caller.ts';
import { refuseForgery } from './refuse-forgery.ts';
import { readCookie, removedCookieHeader, sessionCookie, setCookieHeader } from './session-cookie.ts';
import type { SessionTokens } from './session-token.ts';
import type { SignIn } from './sign-in/sign-in.ts';

const sessionSeconds = 12 * 3600;
const maxBodyBytes = 4096;

/** Adds routes to sign in to the dashboard with an API key, to show the caller, and to sign out. */
export function addSessionRoutes(
  api: Api,
  options: { tokens: SessionTokens; signIn: SignIn | undefined; warnings: readonly string[] },
): void {
  const { tokens, signIn, warnings } = options;
  const { app, deps } = api;
  const { publicUrl } = deps;
  const byKey = authenticateKey(deps);

  app.get('/session', async (c) => c.json(sessionView(await api.identify(c), warnings)));

  // The options of the sign-in page, for callers that are not signed in.
  app.get('/session/ways', (c) => c.json({ key: true, github: signIn !== undefined }));

  app.post('/session', async (c) => {
    refuseForgery(c.req.raw, publicUrl);
    const sent = await readJsonBody(c.req.raw, maxBodyBytes);
    const { key } = validate(z.strictObject({ key: z.string().min(1).max(512) }), sent);
    // The same check as for any other request with this key.
    const asked = new Request(c.req.url, { headers: { 'x-api-key': key } });
    const caller = await api.verify(c, key, () => byKey(asked));
    if (caller === undefined) throw new BerthError('unauthorized', 'This is not an API key.');
    await endPerson(c.req.raw);
    const expires = new Date(deps.clock.now().getTime() + sessionSeconds * 1000);
    const value = tokens.seal({ kind: 'key', keyHash: hashKey(key), expires });
    c.header('Set-Cookie', setCookieHeader(c.req.raw, publicUrl, { name: sessionCookie, value, expires }));
    return c.json(sessionView(caller, warnings));
  });

  app.delete('/session', async (c) => {
    refuseForgery(c.req.raw, publicUrl);
    await endPerson(c.req.raw);
    c.header('Set-Cookie', removedCookieHeader(c.req.raw, publicUrl, sessionCookie));
    return c.json({ message: 'Signed out.' });
  });

  async function endPerson(request: Request): Promise<void> {
    const token = readCookie(request, publicUrl, sessionCookie);
    const claim = token === undefined ? undefined : tokens.open(token);
    if (claim?.kind === 'person') await signIn?.end(claim.secret);
  }
}

function sessionView({ actor, home, person, scopeEverywhere }: Caller, warnings: readonly string[]) {
  return {
    actor,
    project: home ?? null,
    person: person === undefined ? null : { login: person.login, name: person.name ?? null },
    scope: scopeEverywhere ?? null,
    warnings,
  };
}
