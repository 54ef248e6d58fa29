import { omitUndefined } from '../lib/omit-undefined.ts';
import { createApiClient } from './api-client.ts';
import { type BerthApi, berthApi } from './berth-api.ts';
import type { CliContext, Environment } from './cli-context.ts';
import { CliError, usageError } from './cli-error.ts';

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

export function apiOf(
  cli: Pick<CliContext, 'transport'>,
  connection: Omit<Connection, 'isChosen'>,
): BerthApi {
  const { project, ...server } = connection;
  const client = createApiClient({ ...server, transport: cli.transport });
  return berthApi(client, project === undefined ? {} : { project });
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
export async function isServed(api: BerthApi, { isChosen }: Connection): Promise<boolean> {
  try {
    await api.health();
    return true;
  } catch (error) {
    if (isChosen || !(error instanceof CliError)) throw error;
    return false;
  }
}

function given(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}
