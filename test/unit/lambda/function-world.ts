import { gunzipSync } from 'node:zlib';
import { handle } from 'hono/aws-lambda';
import type { Project } from '../../../app/core/model/project.ts';
import { sessionTokens } from '../../../app/http/auth/session-token.ts';
import type { Dashboard } from '../../../app/http/dashboard/dashboard-deps.ts';
import { createFunctionApp } from '../../../app/lambda/function-app.ts';
import { type HttpWorld, httpWorld } from '../http/http-world.ts';
import type { EventRequest, httpApiEvent } from './gateway-events.ts';

type FunctionAnswer = Awaited<ReturnType<ReturnType<typeof handle>>>;

/** The function that answers requests, in a world without a machine. */
export interface FunctionWorld extends Omit<HttpWorld, 'shop'> {
  readonly shop: Project;
  /** The API key of {@link shop}. */
  readonly apiKey: string;
  answer(request: EventRequest): Promise<FunctionAnswer>;
}

/** @param eventOf makes the event of a request. */
export async function functionWorld(
  eventOf: typeof httpApiEvent,
  assets: Dashboard['assets'] = async () => new Map(),
): Promise<FunctionWorld> {
  const w = httpWorld();
  const config = {
    publicUrl: 'https://berth.example',
    oidc: { issuer: 'https://issuer.example', audience: 'https://berth.example' },
    githubServer: { apiUrl: 'https://api.github.com', webUrl: 'https://github.com' },
  };
  const tokens = sessionTokens(Buffer.alloc(32, 7), w.deps.clock);
  const app = createFunctionApp(
    { deps: w.deps, config },
    { version: '1.2.3', dashboard: { assets, tokens } },
  );
  const shop = await w.project({}, 'shop');
  return {
    ...w,
    shop,
    apiKey: await w.key(shop),
    answer: (request) => handle(app)(eventOf(request)),
  };
}

/** The response as a client reads it. */
export function textOf({ body, isBase64Encoded, headers }: FunctionAnswer): string {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
  return (headers?.['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString();
}
