import { ApiError } from '../client/api-error.ts';
import { createBerthApi } from '../client/berth-api.ts';
import type { CallOptions } from '../client/call.ts';
import { apiKeyCredentials } from '../client/credentials.ts';
import { createRetry, type Retry } from '../client/retry.ts';
import { isHeaderText } from '../lib/is-header-text.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import { cliErrorOf } from './api-failure.ts';
import type { CliContext, Environment, Transport } from './cli-context.ts';
import { CliError, usageError } from './cli-error.ts';
import { exitCodes } from './exit-codes.ts';

/** The address of a server that `berth serve` starts without options. */
export const defaultUrl = 'http://127.0.0.1:3000';

export interface Connection {
  readonly url: string;
  /** True if the user named the server; false for the address that `berth serve` uses by default. */
  readonly isChosen: boolean;
  readonly apiKey?: string;
  readonly project?: string;
}

/**
 * Finds the server and the credentials.
 *
 * @param project from the command line. If omitted, `BERTH_PROJECT`, or the project of the key.
 * @throws CliError `usage` if `BERTH_URL` is not a valid address, or the key or the project cannot be sent.
 */
export function connectionOf(env: Environment, project?: string): Connection {
  const chosen = given(env.BERTH_URL);
  if (chosen !== undefined && !(URL.canParse(chosen) && /^https?:$/.test(new URL(chosen).protocol))) {
    throw usageError('BERTH_URL must be an http:// or https:// address.', `Example: BERTH_URL=${defaultUrl}`);
  }
  const apiKey = given(env.BERTH_API_KEY);
  if (apiKey !== undefined && !isHeaderText(apiKey))
    throw usageError(
      'BERTH_API_KEY contains characters that no API key has, such as line breaks or typographic quotes.',
      'Copy the key again.',
    );
  const named = project ?? given(env.BERTH_PROJECT);
  if (named !== undefined && !isHeaderText(named))
    throw usageError(
      'The project name contains characters that cannot be sent in a header.',
      'Use its ID, which `berth projects` lists.',
    );
  return omitUndefined({
    url: chosen ?? defaultUrl,
    isChosen: chosen !== undefined,
    apiKey,
    project: named,
  });
}

/** Creates a client for the server that the environment names. */
export function connect(cli: CliContext, options: { readonly project?: string } = {}): BerthApi {
  return apiOf(cli, connectionOf(cli.env, options.project));
}

/** How long to wait for one answer. */
const timeoutMs = 30_000;
/** How long a command retries while the server is unavailable; longer if it follows a run, which continues. */
const patienceMs = { command: 2_000, follow: 60_000 };

export type BerthApi = ReturnType<typeof apiOf>;

/** Creates a client for a server. Its functions throw CliError. */
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
 * The kind of server at an address: a Berth server that accepts the key; `foreign`, a Berth server that does not, such as that of
 * another user of this machine; or `absent`, nothing, or something other than Berth: 3000 is a popular port.
 */
export type ServerPresence = 'usable' | 'foreign' | 'absent';

/**
 * Finds out whether a server can be used. A server that the user chose is always `usable`: its refusals are reported.
 *
 * @throws CliError if a server was chosen, and does not answer.
 */
export async function findServer(
  api: Pick<BerthApi, 'health' | 'runs'>,
  { url, isChosen }: Pick<Connection, 'url' | 'isChosen'>,
): Promise<ServerPresence> {
  try {
    const { status } = await api.health();
    if (status !== 'ok') {
      throw new CliError('answer_unreadable', `The server at ${url} is not a Berth server.`, {
        exitCode: exitCodes.serverError,
        hint: 'Check that BERTH_URL is the address of a Berth server.',
      });
    }
  } catch (error) {
    if (isChosen || !(error instanceof CliError)) throw error;
    return 'absent';
  }
  return isChosen || (await accepts(api)) ? 'usable' : 'foreign';
}

async function accepts(api: Pick<BerthApi, 'runs'>): Promise<boolean> {
  try {
    await api.runs({ limit: 1 });
    return true;
  } catch (error) {
    // Other errors are those of a server that knows the key: the next request reports them.
    return !(error instanceof CliError && error.cause instanceof ApiError && error.cause.status === 401);
  }
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
