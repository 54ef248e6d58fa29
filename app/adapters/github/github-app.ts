import { createProbot, type Probot, ProbotOctokit } from 'probot';
import { BerthError, TryLater } from '../../core/model/errors.ts';
import { timeLimitedFetch } from '../../lib/time-limit.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { createBudgets } from './budgets.ts';
import type { Octokit } from './octokit.ts';
import { createRateGate, statusOf } from './rate-gate.ts';

export type { Octokit };

export interface GithubAppOptions {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** `https://api.github.com`, or `https://<host>/api/v3` of GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** Sends the requests. If omitted, the global one. */
  readonly fetch?: typeof fetch;
}

/** The App, signed in with GitHub. */
export interface GithubApp {
  readonly appId: number;
  /** Verifies webhooks, and dispatches them to the loaded handlers. */
  readonly probot: Probot;
  /**
   * Calls GitHub as the App itself.
   *
   * @throws TryLater if GitHub's rate limit is reached.
   */
  asApp<T>(call: (octokit: Octokit) => Promise<T>): Promise<T>;
  /**
   * Calls GitHub as an installation.
   *
   * @param options.isFresh with a new token: GitHub issues none for a deleted installation, while an old token may
   *   still work.
   * @throws TryLater; BerthError `project_suspended` if the installation was removed or suspended.
   */
  asInstallation<T>(
    installationId: number,
    call: (octokit: Octokit) => Promise<T>,
    options?: { readonly isFresh?: boolean },
  ): Promise<T>;
  /** Whether an installation has few calls left, so that cosmetic updates must wait. */
  isBudgetTight(installationId: number): boolean;
}

/** GitHub aborts requests after ten seconds. */
const requestTimeoutMs = 15_000;
/** A token is not used in its last minutes, because calls take time. */
const tokenMarginMs = 5 * 60_000;

/**
 * Octokit without its own waits: its throttling would delay a call for minutes, and its retries repeat it, in a
 * process that may have ended by then. Instead, Berth stores the work as due later, by GitHub's
 * hints (docs/decisions/0004-github-rate-limits.md).
 */
const PlainOctokit = ProbotOctokit.defaults((options: object) => ({
  ...options,
  retry: { enabled: false },
  throttle: { enabled: false },
}));

/**
 * @throws Error if there is no webhook secret: Probot would use the public value `development`, and anyone could send
 *   webhooks.
 */
export async function createGithubApp(options: GithubAppOptions): Promise<GithubApp> {
  if (options.webhookSecret === '')
    throw new Error('a GitHub App without a webhook secret accepts events from anyone');
  const request = { fetch: timeLimitedFetch(requestTimeoutMs, options.fetch) };
  const probot = createProbot({
    env: {},
    overrides: {
      appId: options.appId,
      privateKey: options.privateKey,
      secret: options.webhookSecret,
      baseUrl: options.apiUrl,
      Octokit: PlainOctokit,
      log: probotLog(options.log),
      request,
    },
  });
  await probot.ready();
  const gate = createRateGate(options.clock);
  const budgets = createBudgets(options.clock);
  const app = await probot.auth();
  const tokens = new Map<number, { readonly octokit: Octokit; readonly until: Date }>();
  async function renewed(installationId: number): Promise<Octokit> {
    const { data } = await app.rest.apps.createInstallationAccessToken({ installation_id: installationId });
    const octokit = new PlainOctokit({ auth: { token: data.token }, baseUrl: options.apiUrl, request });
    const until = new Date(new Date(data.expires_at).getTime() - tokenMarginMs);
    tokens.set(installationId, { octokit, until });
    return budgets.counted(installationId, octokit);
  }
  return {
    appId: options.appId,
    probot,
    asApp: (call) => gate.pass('app', () => call(app)),
    asInstallation: (installationId, call, { isFresh = false } = {}) =>
      gate.pass(`installation ${installationId}`, async () => {
        try {
          if (isFresh) return await call(await renewed(installationId));
          const known = tokens.get(installationId);
          const octokit =
            known !== undefined && known.until > options.clock.now() ? known.octokit : undefined;
          try {
            return await call(octokit ?? budgets.counted(installationId, await probot.auth(installationId)));
          } catch (error) {
            // The token was revoked, with the installation or without it. Probot would use it for an hour.
            if (statusOf(error) !== 401) throw error;
            return await call(await renewed(installationId));
          }
        } catch (error) {
          throw isRefusedToken(error) ? notInstalled(error) : error;
        }
      }),
    isBudgetTight: budgets.isTight,
  };
}

/** GitHub gives no token for an installation that was removed (404) or is suspended (403). */
function isRefusedToken(error: unknown): boolean {
  const request: unknown = error instanceof Error && 'request' in error ? error.request : undefined;
  const url: unknown = typeof request === 'object' && request !== null && 'url' in request ? request.url : '';
  const status = statusOf(error);
  if (!String(url).endsWith('/access_tokens')) return false;
  return status === 404 || (status === 403 && /suspended/i.test(error instanceof Error ? error.message : ''));
}

function notInstalled(cause: unknown): BerthError {
  return new BerthError(
    'project_suspended',
    'The GitHub App is no longer installed there, or is suspended.',
    {
      cause,
      hint: 'Install the App on the repository again.',
    },
  );
}

/** Adapts Berth's log to Probot, whose own log writes another format to the standard output. */
function probotLog(log: Logger): Probot['log'] {
  const spoken =
    (level: 'info' | 'warn' | 'error') =>
    (first: unknown, message?: string): void => {
      // GitHub's request to wait is not an error: the event is handled again at that time.
      if (first instanceof TryLater) return;
      if (typeof first === 'string') log[level]({}, first);
      else log[level]({ detail: first instanceof Error ? first : undefined }, message ?? 'Probot');
    };
  const silent = (): void => undefined;
  const made = {
    trace: silent,
    debug: silent,
    info: silent,
    warn: spoken('warn'),
    error: spoken('error'),
    fatal: spoken('error'),
    child: () => made,
  };
  // Probot calls only these seven methods of pino.
  return made as unknown as Probot['log'];
}
