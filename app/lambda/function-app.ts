import { setTimeout } from 'node:timers/promises';
import { Hono } from 'hono';
import { compress } from 'hono/compress';
import type { RunId } from '../core/model/ids.ts';
import { reconcileRun } from '../core/runs/reconcile-run.ts';
import { fixedArtifactOrigin } from '../http/artifacts/artifact-origin.ts';
import { clientAddress } from '../http/auth/client-address.ts';
import type { Dashboard } from '../http/dashboard/dashboard-deps.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { assembleApp } from '../wiring/assemble-app.ts';
import type { AwsBerth } from '../wiring/aws/container.ts';
import { timeLimitedStream } from './time-limited-stream.ts';

/** An API Gateway takes 30 seconds at most; a client of an event stream connects again by itself. */
const longestStreamMs = 20_000;
const launchWaitMs = 3_000;
/**
 * A response of a function may have 6 MB; Base64 takes a third of it, and headers take some.
 * https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const maxAnswerBytes = 4_000_000;

/** The parts of {@link AwsBerth} that the app needs. */
export type FunctionBerth = Pick<AwsBerth, 'deps' | 'github'> & {
  readonly config: Pick<AwsBerth['config'], 'publicUrl' | 'artifactsUrl' | 'oidc' | 'githubServer'>;
};

/**
 * The REST API, GitHub's webhooks and the dashboard in a function: responses are whole and compressed, because
 * API Gateway does not compress them.
 *
 * @param options.dashboard its files, and what it knows people by.
 */
export function createFunctionApp(
  { config, ...core }: FunctionBerth,
  { version, dashboard }: { readonly version: string; readonly dashboard: Dashboard },
): Hono {
  const app = assembleApp(core, {
    version,
    publicUrl: config.publicUrl,
    oidc: config.oidc,
    waitForLaunch: (id) => launched(core.deps, id),
    githubUrl: config.githubServer.webUrl,
    cloneRules: { allowFileUrls: false, allowPrivateHosts: true },
    // API Gateway and function URLs report the address of the client. Headers that a client can write are ignored.
    addressOf: (c) => clientAddress(sourceIpOf(c.env), null, []),
    wholeAnswers: { maxBytes: maxAnswerBytes },
    dashboard,
    ...omitUndefined({
      artifactOrigin:
        config.artifactsUrl === undefined ? undefined : fixedArtifactOrigin(config.artifactsUrl),
    }),
  });
  return new Hono()
    .use(compress())
    .all('*', async (c) => timeLimitedStream(await app.fetch(c.req.raw, c.env), longestStreamMs));
}

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
function sourceIpOf(env: { requestContext?: { http?: { sourceIp?: string } } } | undefined) {
  return env?.requestContext?.http?.sourceIp;
}

/** The queue would reconcile the run a moment later; for a client that waits for its task it is reconciled here. */
async function launched(deps: AwsBerth['deps'], id: RunId): Promise<void> {
  const look = reconcileRun(deps, id).catch((err: unknown) =>
    deps.log.warn({ runId: id, err }, 'a new run could not be launched immediately; the queue will retry'),
  );
  await Promise.race([look, setTimeout(launchWaitMs)]);
}
