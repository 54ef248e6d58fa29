import { setTimeout } from 'node:timers/promises';
import { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { proveActionsToken } from '../adapters/oidc/prove-actions-token.ts';
import type { AwsBerth } from '../aws.ts';
import type { RunId } from '../domain/ids.ts';
import { createApp } from '../http/app.ts';
import { authenticateActions } from '../http/authenticate-actions.ts';
import { httpLimits } from '../http/http-deps.ts';
import { advanceRun } from '../usecases/advance-run.ts';
import { endingStream } from './ending-stream.ts';
import { theBerth } from './the-berth.ts';

declare const berthVersion: string;

/** An API Gateway takes 30 seconds at most; a client of an event stream connects again by itself. */
const longestStreamMs = 20_000;
const launchWaitMs = 3_000;

let made: Promise<Hono> | undefined;

/** The REST API and GitHub's webhooks, behind an HTTP API of API Gateway (payload 2.0) or a function URL. */
export async function handler(event: LambdaEvent, context?: LambdaContext) {
  const berth = await theBerth();
  made ??= Promise.resolve(createFunctionApp(berth));
  const answer = await handle(await made)(event, context);
  // After the answer the instance is frozen, and with it whatever is still on its way.
  await berth.outbox.sent();
  return answer;
}

function createFunctionApp({ deps, config, github }: AwsBerth): Hono {
  const app = createApp({
    ...deps,
    version: berthVersion,
    publicUrl: config.publicUrl,
    authenticators: [
      authenticateActions({
        store: deps.store,
        prove: proveActionsToken({ ...config.oidc, clock: deps.clock }),
      }),
    ],
    waitForLaunch: (id) => launched(deps, id),
    pause: (milliseconds) => setTimeout(milliseconds),
    githubHost: new URL(config.githubServer.webUrl).hostname,
    cloneRules: { allowFileUrls: false, allowPrivateHosts: true },
    limits: httpLimits,
  });
  if (github !== undefined) app.route('/', github.routes);
  return new Hono().all('*', async (c) => endingStream(await app.fetch(c.req.raw), longestStreamMs));
}

/** The queue would look at the run a moment later; a client that waits for its task has it looked at here. */
async function launched(deps: AwsBerth['deps'], id: RunId): Promise<void> {
  const look = advanceRun(deps, id).catch((err: unknown) =>
    deps.log.warn({ runId: id, err }, 'a new run could not be launched at once; the queue will look again'),
  );
  await Promise.race([look, setTimeout(launchWaitMs)]);
}
