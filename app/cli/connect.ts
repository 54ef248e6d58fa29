import { createBerthApi } from '../client/berth-api.ts';
import type { CallOptions } from '../client/call.ts';
import { apiKeyCredentials } from '../client/credentials.ts';
import { createRetry, type Retry } from '../client/retry.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { cliErrorOf } from './api-failure.ts';
import type { CliContext, Environment, Transport } from './cli-context.ts';
import { CliError, usageError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

const defaultUrl = 'http://127.0.0.1:3000';

export interface Connection {
  readonly url: string;
  /** True if the user named the server; false for the address that `berth serve` uses by default. */
  readonly isChosen: boolean;
  readonly apiKey?: string;
  readonly project?: string;
}

/**
 * Which server, and as whom.
 *
 * @param project from the command line. If omitted, `BERTH_PROJECT`, or the project of the key.
 * @throws CliError `usage` if `BERTH_URL` is not a valid address.
 */
export function connectionOf(env: Environment, project?: string): Connection {
  const chosen = given(env.BERTH_URL);
  if (chosen !== undefined && !(URL.canParse(chosen) && /^https?:$/.test(new URL(chosen).protocol))) {
    throw usageError('BERTH_URL must be an http:// or https:// address.', `Example: BERTH_URL=${defaultUrl}`);
  }
  const apiKey = given(env.BERTH_API_KEY);
  const named = project ?? given(env.BERTH_PROJECT);
  return omitUndefined({
    url: chosen ?? defaultUrl,
    isChosen: chosen !== undefined,
    apiKey,
    project: named,
  });
}

/** The API of the server that the environment names. */
export function connect(cli: CliContext, options: { readonly project?: string } = {}): BerthApi {
  return apiOf(cli, connectionOf(cli.env, options.project));
}

/** How long to wait for one answer. */
const timeoutMs = 30_000;
/** How long a command retries while the server is unavailable; longer if it follows a run, which continues. */
const patienceMs = { command: 2_000, follow: 60_000 };

export type BerthApi = ReturnType<typeof apiOf>;

/** The API of a server. Its functions throw CliError. */
export function apiOf(
  { transport }: Pick<CliContext, 'transport'>,
  connection: Omit<Connection, 'isChosen'>,
) {
  const url = connection.url.replace(/\/+$/, '');
  const api = createBerthApi({
    url,
    project: connection.project,
    credentials: apiKeyCredentials(connection.apiKey),
    fetch: (request) => {
      const signal = AbortSignal.any([request.signal, AbortSignal.timeout(timeoutMs)]);
      // The key must not follow a redirect.
      return transport.fetch(request, { redirect: 'manual', signal });
    },
    retry: retryOf(transport, url),
    now: () => transport.now().getTime(),
  });
  const follow: CallOptions = { patienceMs: patienceMs.follow };
  return {
    ...api,
    run: (id: string) => api.run(id, follow),
    runStatus: (id: string) => api.runStatus(id, follow),
    logPage: (id: string, cursor: string | undefined) =>
      api.logPage(id, omitUndefined({ limit: logPageLines, cursor }), follow),
    health: () => api.health({ patienceMs: 0, signal: AbortSignal.timeout(5_000) }),
  };
}

/** Lines of a log in one answer. */
export const logPageLines = 1000;

function retryOf(transport: Transport, url: string): Retry {
  const retry = createRetry({
    sleep: transport.sleep,
    random: transport.random,
    now: () => transport.now().getTime(),
    pauses: { firstMs: 100, longestMs: 3_000 },
    patienceMs: () => patienceMs.command,
  });
  return async (attempt, options) => {
    try {
      return await retry(attempt, options);
    } catch (error) {
      throw cliErrorOf(error, url);
    }
  };
}

/** Whether a server is on this machine. @param url of the server. */
export function isNear(url: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);
}

/**
 * Whether a Berth server is there.
 *
 * @returns false if nothing listens, or if something other than Berth does: 3000 is a popular port.
 * @throws CliError where one was chosen, and is not there.
 */
export async function isServed(
  api: Pick<BerthApi, 'health'>,
  { url, isChosen }: Pick<Connection, 'url' | 'isChosen'>,
): Promise<boolean> {
  try {
    const { status } = await api.health();
    if (status === 'ok') return true;
    throw new CliError('answer_unreadable', `The server at ${url} is not a Berth server.`, {
      exitCode: exitCodes.serverError,
      hint: 'Check that BERTH_URL is the address of a Berth server.',
    });
  } catch (error) {
    if (isChosen || !(error instanceof CliError)) throw error;
    return false;
  }
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
