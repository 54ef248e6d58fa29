import { beforeEach, describe, expect, it } from '@jest/globals';
import { handle, type LambdaEvent } from 'hono/aws-lambda';
import { createApp } from '../../../../app/http/app.ts';
import { sessionTokens } from '../../../../app/http/auth/session-token.ts';
import { type SignInWorld, signInWorld } from './sign-in-world.ts';

/** The answer of API Gateway, as a browser sees it (payload format 2.0). */
interface GatewayAnswer {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
  readonly body: string;
}
type Instance = (path: string, options?: { method?: string; cookies?: string[] }) => Promise<GatewayAnswer>;

let w: SignInWorld;
beforeEach(() => {
  w = signInWorld();
  w.github.access.set('dana', []);
});

/** A new instance of the function: nothing in its memory, the same store and the same secret. */
function instance(): Instance {
  const { assets } = w.dashboard;
  const tokens = sessionTokens(Buffer.alloc(32, 9), w.clock);
  const app = createApp({ ...w.deps, dashboard: { assets, tokens, people: w.github.people } });
  const handler = handle(app);
  return async (path, { method = 'GET', cookies = [] } = {}) => {
    const [rawPath = '', rawQueryString = ''] = path.split('?');
    const event = {
      version: '2.0',
      routeKey: '$default',
      rawPath,
      rawQueryString,
      cookies,
      headers: { host: 'berth.test', 'sec-fetch-site': 'same-origin', 'x-berth-session': '1' },
      requestContext: { domainName: 'berth.test', http: { method, path: rawPath }, stage: '$default' },
      isBase64Encoded: false,
    };
    // The parts of an event that Hono reads; the rest are AWS's own.
    return (await handler(event as unknown as LambdaEvent)) as GatewayAnswer;
  };
}

/** The cookies that a browser keeps. */
const kept = (answer: GatewayAnswer): string[] =>
  (answer.cookies ?? []).map((one) => one.split(';')[0] ?? '').filter((one) => !one.endsWith('='));

async function signedIn(): Promise<string[]> {
  const away = await instance()('/session/github?return_to=/runs/a');
  const back = await instance()(w.github.authorize(away.headers?.location ?? '', 'dana'), {
    cookies: kept(away),
  });
  expect([back.statusCode, back.headers?.location]).toEqual([303, '/runs/a']);
  return kept(back);
}

describe('signing in on functions, with each request in a separate instance', () => {
  it('starts in one, ends in another, and is valid in a third', async () => {
    const cookies = await signedIn();
    expect(cookies).toEqual([expect.stringMatching(/^__Host-berth_session=/)]);
    const session = await instance()('/session', { cookies });
    expect(JSON.parse(session.body)).toMatchObject({ actor: 'dana' });
  });

  it('is renewed once, for parallel requests in any instances', async () => {
    const cookies = await signedIn();
    w.clock.advance(9 * 3600);
    const answers = await Promise.all(Array.from({ length: 5 }, () => instance()('/session', { cookies })));
    expect(answers.map(({ statusCode }) => statusCode)).toEqual(Array(5).fill(200));
    expect(w.github.refreshed).toHaveLength(1);
    expect(answers.flatMap(kept)).toHaveLength(1);
  });

  it('ends in all of them after a sign-out in one', async () => {
    const cookies = await signedIn();
    const warm = instance();
    expect((await warm('/session', { cookies })).statusCode).toBe(200);
    await instance()('/session', { method: 'DELETE', cookies });
    expect((await warm('/session', { cookies })).statusCode).toBe(401);
  });
});
