import { setTimeout } from 'node:timers/promises';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { type ActionsTokenOptions, verifyActionsToken } from '../adapters/oidc/verify-actions-token.ts';
import { createApp } from '../http/app.ts';
import type { ArtifactOrigin } from '../http/artifacts/artifact-origin.ts';
import { authenticateActions } from '../http/auth/authenticate-actions.ts';
import type { Dashboard } from '../http/dashboard/dashboard-deps.ts';
import { type HttpDeps, type HttpLimits, httpLimits } from '../http/http-deps.ts';
import type { HttpEnv } from '../http/http-env.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { BerthCore } from './assemble-core.ts';

type ChosenParts =
  | 'version'
  | 'publicUrl'
  | 'waitForLaunch'
  | 'cloneRules'
  | 'addressOf'
  | 'objectServer'
  | 'changes';

/** The choices of each server of the REST API. */
export interface AppOptions extends Pick<HttpDeps, ChosenParts> {
  /** The address of GitHub, or of GitHub Enterprise Server. */
  readonly githubUrl: string;
  /** The tokens that jobs of GitHub Actions send. */
  readonly oidc: Pick<ActionsTokenOptions, 'issuer' | 'audience'>;
  readonly dashboard: Dashboard;
  /** If omitted, artifacts can only be downloaded. */
  readonly artifactOrigin?: ArtifactOrigin;
  readonly wholeAnswers?: HttpLimits['wholeAnswers'];
}

/** The REST API, the dashboard and GitHub's webhooks, for the embedded server and for the functions on AWS. */
export function assembleApp({ deps, github }: BerthCore, options: AppOptions): OpenAPIHono<HttpEnv> {
  const { githubUrl, oidc, artifactOrigin, wholeAnswers, ...chosen } = options;
  const { store, clock } = deps;
  const tokens = options.dashboard.tokens.artifacts;
  const app = createApp({
    ...deps,
    ...chosen,
    ...omitUndefined({ artifacts: artifactOrigin && { origin: artifactOrigin, tokens } }),
    authenticators: [authenticateActions({ store, clock, verify: verifyActionsToken({ ...oidc, clock }) })],
    pause: (milliseconds) => setTimeout(milliseconds),
    githubHost: new URL(githubUrl).hostname,
    limits: { ...httpLimits, ...omitUndefined({ wholeAnswers }) },
  });
  if (github !== undefined) app.route('/', github.routes);
  return app;
}
