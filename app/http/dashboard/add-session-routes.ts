import type { Context } from 'hono';
import { deleteCookie, setCookie } from 'hono/cookie';
import { z } from 'zod';
import { BerthError } from '../../domain/errors.ts';
import type { Api } from '../api.ts';
import { hashKey } from '../api-key.ts';
import { authenticateKey } from '../authenticate-key.ts';
import type { HttpEnv } from '../http-env.ts';
import { readJsonBody } from '../read-json-body.ts';
import { validate } from '../validate.ts';
import { sessionCookie, sessionHeader } from './authenticate-session.ts';
import type { SessionTokens } from './session-token.ts';

const sessionSeconds = 12 * 3600;
const maxBodyBytes = 4096;

/** Signing in to the dashboard with an API key, seeing who one is, and signing out. */
export function addSessionRoutes(api: Api, tokens: SessionTokens): void {
  const { app, deps } = api;
  const byKey = authenticateKey(deps);

  app.get('/session', async (c) => {
    const caller = await api.identify(c);
    return c.json({ actor: caller.actor, project: caller.home ?? null });
  });

  app.post('/session', async (c) => {
    if (c.req.header(sessionHeader) !== '1') {
      throw new BerthError('forbidden', 'Only the dashboard signs in here.', {
        hint: 'Programs send X-API-Key.',
      });
    }
    const sent = await readJsonBody(c.req.raw, maxBodyBytes);
    const { key } = validate(z.strictObject({ key: z.string().min(1).max(512) }), sent);
    // The same judgement as for any other request with this key.
    const caller = await byKey(new Request(c.req.url, { headers: { 'x-api-key': key } }));
    if (caller === undefined) throw new BerthError('unauthorized', 'This is no API key.');
    const expires = new Date(deps.clock.now().getTime() + sessionSeconds * 1000);
    setCookie(c, sessionCookie, tokens.seal({ keyHash: hashKey(key), expires }), cookieOptions(c, expires));
    return c.json({ actor: caller.actor, project: caller.home ?? null });
  });

  app.delete('/session', (c) => {
    deleteCookie(c, sessionCookie, { path: '/' });
    return c.json({ message: 'Signed out.' });
  });
}

function cookieOptions(c: Context<HttpEnv>, expires: Date) {
  const secure = new URL(c.req.url).protocol === 'https:' || c.req.header('x-forwarded-proto') === 'https';
  return { path: '/', httpOnly: true, sameSite: 'Strict', secure, expires } as const;
}
