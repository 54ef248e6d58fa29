import ipaddr from 'ipaddr.js';
import { BerthError } from '../core/model/errors.ts';
import type { Config } from './config/config.ts';

/** The ways to reach a server, and to start runs on it, from other machines. */
export interface Exposure {
  readonly isLoopback: boolean;
  readonly hasApp: boolean;
}

export function exposureOf(config: Pick<Config, 'host' | 'publicUrl'>, hasApp: boolean): Exposure {
  const { host, publicUrl } = config;
  return { isLoopback: isLoopback(host) && (publicUrl === undefined || isLoopbackUrl(publicUrl)), hasApp };
}

/** @returns why code of others may reach the server; undefined if only its user starts runs. */
export function describeExposure({ isLoopback, hasApp }: Exposure): string | undefined {
  if (hasApp) return 'a GitHub App is configured';
  return isLoopback ? undefined : 'the server is reachable from other machines';
}

const hint =
  'Start Docker and build the runner image (scripts/build-image.sh --local). If every committer may access this machine, set BERTH_EXECUTOR=process.';

/** @throws BerthError `isolation_required` if the process executor must not be chosen automatically. */
export function refuseProcess(exposure: Exposure, whyNotDocker: string): void {
  const why = describeExposure(exposure);
  if (why === undefined) return;
  throw new BerthError(
    'isolation_required',
    `Tests would run as processes of this machine, but ${why}. Docker is not used: ${whyNotDocker}.`,
    { hint },
  );
}

/** The error for connecting an App to a server for which `auto` chose the process executor. */
export function needsIsolation(): BerthError {
  return new BerthError(
    'isolation_required',
    'With an App, commits of other people would run as processes of this machine.',
    { hint },
  );
}

/** @returns warnings for an explicitly configured process executor. */
export function processWarning(exposure: Exposure, noIsolation: string | undefined): string | undefined {
  const why = describeExposure(exposure);
  if (why === undefined) return undefined;
  return noIsolation === undefined
    ? `Tests run as processes of this machine, and ${why}. Namespaces hide the server from them, but they share its network and its user. Use BERTH_EXECUTOR=docker.`
    : `Tests run as processes of this machine without isolation, and ${why}. Each test can read the keys and the database of this server. Use BERTH_EXECUTOR=docker.`;
}

/** Whether only this machine reaches a URL. */
export function isLoopbackUrl(url: string): boolean {
  return isLoopback(new URL(url).hostname.replace(/^\[|\]$/g, ''));
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || (ipaddr.isValid(host) && ipaddr.process(host).range() === 'loopback');
}
