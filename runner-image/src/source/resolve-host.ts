import { lookup } from 'node:dns/promises';
import { type ResolvedAddress, whyNotResolved } from '../../../app/core/model/clone-host.ts';
import { RunnerError } from '../runner-error.ts';
import type { GitRemote } from './git-url.ts';

export interface ResolveOptions {
  /** False if only public addresses may be cloned from. Link-local and metadata addresses never may. */
  readonly allowPrivateHosts: boolean;
  /** The environment of git: a proxy resolves names itself. */
  readonly env: Readonly<Record<string, string>>;
  /** Returns every address of a name. Default: the system's resolver. */
  readonly resolve?: (host: string) => Promise<readonly ResolvedAddress[]>;
}

const proxyVariables = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'];
const defaultPorts = { http: '80', https: '443' } as const;

/**
 * Resolves the host of a repository, checks its addresses, and pins them: a second answer of the resolver cannot lead
 * git elsewhere.
 *
 * @returns git configuration that pins the addresses. Empty for ssh, files, and behind a proxy.
 * @throws RunnerError `source_refused`
 */
export async function pinnedHost(
  remote: GitRemote,
  { allowPrivateHosts, env, resolve = lookupAll }: ResolveOptions,
): Promise<readonly (readonly [string, string])[]> {
  const { protocol } = remote;
  if (protocol !== 'http' && protocol !== 'https') return [];
  if (proxyVariables.some((name) => (env[name] ?? '') !== '')) return [];
  const { hostname, port } = new URL(remote.url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  // Git reports a name that does not exist, and the host may have an outage.
  const addresses = await resolve(host).catch(() => undefined);
  if (addresses === undefined) return [];
  const reason = whyNotResolved(addresses, { allowPrivateHosts });
  if (reason !== undefined) {
    throw new RunnerError('source_refused', `Berth does not clone from the host ${host}: ${reason}.`);
  }
  if (host !== hostname || addresses.some(({ address }) => address === host)) return [];
  const pinned = addresses.map(({ address, family }) => (family === 6 ? `[${address}]` : address)).join(',');
  return [['http.curloptResolve', `${host}:${port || defaultPorts[protocol]}:${pinned}`]];
}

function lookupAll(host: string): Promise<readonly ResolvedAddress[]> {
  return lookup(host, { all: true });
}
