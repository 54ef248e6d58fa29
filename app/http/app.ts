import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { requestId } from 'hono/request-id';
import { BerthError } from '../core/model/errors.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { answerError } from './answer-error.ts';
import type { Api } from './api.ts';
import { serveArtifact } from './artifacts/serve-artifact.ts';
import { hashKey } from './auth/api-key.ts';
import { authFailureLimiter } from './auth/auth-failure-limiter.ts';
import { authenticateKey } from './auth/authenticate-key.ts';
import { authenticateSession } from './auth/authenticate-session.ts';
import type { Caller } from './auth/caller.ts';
import { rateLimiter } from './auth/rate-limit.ts';
import { type SignIn, signInWith } from './auth/sign-in/sign-in.ts';
import { navigates, signInPageFor } from './auth/sign-in/sign-in-page-for.ts';
import { addDashboard, addSharedPages, missingPage } from './dashboard/add-dashboard.ts';
import { errorPage } from './error-page.ts';
import { errorStatus } from './error-status.ts';
import type { HttpDeps } from './http-deps.ts';
import type { HttpEnv } from './http-env.ts';
import { refuseUnkept } from './refuse-unkept.ts';
import { addBadgeRoutes } from './routes/badge.ts';
import { addCompareRoute } from './routes/compare-workflow.ts';
import { addCostRoutes } from './routes/costs.ts';
import { addEventRoute } from './routes/events.ts';
import { addExecuteRoute } from './routes/execute-workflow.ts';
import { addHealthRoutes } from './routes/health.ts';
import { addKeyRoutes } from './routes/keys.ts';
import { addListWorkflowsRoute } from './routes/list-workflows.ts';
import { addObjectRoutes } from './routes/objects.ts';
import { addOpenapiRoute } from './routes/openapi.ts';
import { addProjectRoutes } from './routes/projects.ts';
import { addRenewUploadsRoute } from './routes/renew-uploads.ts';
import { workflowErrors } from './routes/route-kinds.ts';
import { addSourceRoutes } from './routes/sources.ts';
import { addStackCareRoutes } from './routes/stack-care.ts';
import { addStackHoldRoutes } from './routes/stack-holds.ts';
import { addStackRoutes } from './routes/stacks.ts';
import { addTestRoutes } from './routes/tests.ts';
import { addTrendRoutes } from './routes/trends.ts';
import { addWorkflowFileRoutes } from './routes/workflow-files.ts';
import { addWorkflowLogRoutes } from './routes/workflow-logs.ts';
import { addWorkflowRoutes } from './routes/workflows.ts';
import { securityHeaders } from './security-headers.ts';
import { sharedAnswers } from './shared-answers.ts';

/**
 * The REST API. It does not listen: pass `app.fetch` to a server or a Lambda adapter, or call
 * `app.request('/healthz')` in a test. Further routes (webhooks, the dashboard) are added to what it returns.
 */
export function createApp(deps: HttpDeps): OpenAPIHono<HttpEnv> {
  const app = new OpenAPIHono<HttpEnv>();
  app.use(requestId({ generator: () => deps.ids.unique() }));
  app.use(securityHeaders(deps.publicUrl));
  const { artifacts } = deps;
  if (artifacts !== undefined) {
    app.use((c, next) => (artifacts.origin.serves(hostOf(c)) ? serveArtifact(c, deps, artifacts) : next()));
  }
  app.onError((error, c) => {
    const page = deps.dashboard === undefined ? undefined : signInPageFor(c.req.raw, error);
    if (page !== undefined) return c.redirect(page, 303);
    return navigates(c.req.raw) && error instanceof BerthError && error.code !== 'internal'
      ? errorPage(c, error)
      : answerError(c, error, deps.log);
  });
  app.notFound((c) =>
    deps.dashboard !== undefined && navigates(c.req.raw)
      ? missingPage(c, deps.dashboard)
      : answerError(c, noSuchRoute(app, c), deps.log),
  );

  app.use('*', refuseUnkept(deps));

  const signIn = signInOf(deps);
  const verify = verifyBy(deps);
  const authenticators = authenticatorsOf(deps, signIn);
  const share = sharedAnswers(deps.clock, deps.changes?.version);
  const api: Api = {
    app,
    deps,
    descriptions: [],
    verify,
    share,
    identify: identifyBy(deps, authenticators, verify),
    mayStillSee: mayStillSeeBy(authenticators, deps),
  };
  if (deps.dashboard !== undefined) addSharedPages(app, deps.dashboard);
  addExecuteRoute(api);
  addSourceRoutes(api);
  addListWorkflowsRoute(api);
  addWorkflowRoutes(api);
  addCompareRoute(api);
  addWorkflowLogRoutes(api);
  addWorkflowFileRoutes(api);
  addRenewUploadsRoute(api);
  addStackRoutes(api);
  addStackHoldRoutes(api);
  addStackCareRoutes(api);
  addProjectRoutes(api);
  addCostRoutes(api);
  addTestRoutes(api);
  addTrendRoutes(api);
  addBadgeRoutes(api);
  addEventRoute(api);
  addKeyRoutes(api);
  addHealthRoutes(api);
  if (deps.objectServer !== undefined) addObjectRoutes(api, deps.objectServer);
  const openapi = addOpenapiRoute(api);
  if (deps.dashboard !== undefined) addDashboard(api, { dashboard: deps.dashboard, signIn, openapi });
  return app;
}

function noSuchRoute(app: OpenAPIHono<HttpEnv>, c: Context<HttpEnv>): BerthError {
  if (c.req.path.startsWith('/workflow')) c.set('errorStyle', workflowErrors);
  const allowed = methodsOf(app, c.req.path);
  const method = c.req.method === 'HEAD' ? 'GET' : c.req.method;
  if (allowed.length > 0 && !allowed.includes(method)) {
    c.header('Allow', allowed.join(', '));
    return new BerthError('method_not_allowed', `This route does not support ${c.req.method}.`, {
      hint: `Use ${allowed.join(' or ')}.`,
    });
  }
  return new BerthError('not_found', 'There is no such route.', {
    hint: 'GET /openapi.json describes all routes.',
  });
}

/** The methods that a path has a route for. Middleware matches every path and does not count. */
function methodsOf({ router }: OpenAPIHono<HttpEnv>, path: string): readonly string[] {
  return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].filter((method) =>
    router.match(method, path)[0].some(([[, route]]) => route.method === method),
  );
}

/** People sign in with GitHub if there is a dashboard and an App with a client secret. */
function signInOf(deps: HttpDeps): SignIn | undefined {
  const { people, tokens } = deps.dashboard ?? {};
  return people === undefined || tokens === undefined ? undefined : signInWith({ ...deps, people, tokens });
}

function verifyBy({ clock, limits, addressOf = () => 'anywhere' }: HttpDeps): Api['verify'] {
  const limited = authFailureLimiter(clock, limits.failures);
  return (c, shown, attempt) =>
    limited(
      omitUndefined({ address: addressOf(c), shown: shown === undefined ? undefined : hashKey(shown) }),
      attempt,
    );
}

function authenticatorsOf(deps: HttpDeps, signIn: SignIn | undefined): HttpDeps['authenticators'] {
  const { dashboard } = deps;
  const withGithub = signIn === undefined ? {} : { signIn };
  const bySession =
    dashboard === undefined
      ? []
      : [authenticateSession({ ...deps, tokens: dashboard.tokens, ...withGithub })];
  return [authenticateKey(deps), ...deps.authenticators, ...bySession];
}

/** Keys and sessions can be revoked; a signed token is valid until its request ends. */
function mayStillSeeBy(authenticators: HttpDeps['authenticators'], { log }: HttpDeps): Api['mayStillSee'] {
  return async (c, project) => {
    if (isSigned(c.req.raw)) return true;
    try {
      const caller = await firstOf(authenticators, c.req.raw);
      return project === undefined || caller.scopeIn(project) !== undefined;
    } catch (error) {
      if (error instanceof BerthError && errorStatus[error.code] < 500) return false;
      log.warn({ err: error }, 'the access of a follower cannot be checked now');
      return true;
    }
  };
}

/** Tries every way to authenticate, in order, and counts the request. */
function identifyBy(
  deps: HttpDeps,
  authenticators: HttpDeps['authenticators'],
  verify: Api['verify'],
): Api['identify'] {
  const secondsToWait = rateLimiter(deps.clock, deps.limits.rate);
  return async (c) => {
    const ask = () => firstOf(authenticators, c.req.raw);
    // The cookie is sealed by this server, so it cannot be guessed. A request without credentials is not a guess.
    const shown = c.req.header('x-api-key') || c.req.header('authorization');
    const caller = await (shown === undefined || shown === ''
      ? ask()
      : isSigned(c.req.raw)
        ? // A signature is not guessed: it is checked first, and only what is refused counts against the address.
          ask().catch((error: unknown) => verify(c, shown, () => Promise.reject(error)))
        : verify(c, shown, ask));
    if (caller.setCookie !== undefined) c.header('Set-Cookie', caller.setCookie);
    const seconds = secondsToWait(caller.rateKey);
    if (seconds === 0) return caller;
    c.header('Retry-After', String(seconds));
    throw new BerthError('rate_limited', 'Too many requests with this key.', {
      hint: `Wait ${seconds} s. To follow a workflow, read its log as an event stream instead of polling.`,
    });
  };
}

/** Whether the caller sends a signed token, and no key. */
function isSigned({ headers }: Request): boolean {
  const [key, authorization] = [headers.get('x-api-key'), headers.get('authorization')];
  return (key === null || key === '') && /^Bearer +[\w-]+\.[\w-]+\.[\w-]+$/i.test(authorization ?? '');
}

async function firstOf(authenticators: HttpDeps['authenticators'], request: Request): Promise<Caller> {
  for (const authenticate of authenticators) {
    const caller = await authenticate(request);
    if (caller !== undefined) return caller;
  }
  throw new BerthError('unauthorized', 'An API key is required.', {
    hint: 'Send it as the header X-API-Key.',
  });
}

function hostOf(c: Context<HttpEnv>): string {
  return c.req.header('host') ?? new URL(c.req.url).host;
}
