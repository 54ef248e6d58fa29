import { RunnerError } from '../runner-error.ts';
import type { Git } from './git-command.ts';

const redirectStatus = /requested URL returned error: 30[12378]\b/;
const locationHeader = /Recv header: location: (\S+)/gi;
const servicePath = /\/info\/refs(?:\?.*)?$/;

/** Whether git stopped at a redirect, which it must not follow by itself. */
export function isRedirect(stderr: string): boolean {
  return redirectStatus.test(stderr);
}

/**
 * Finds where a repository has moved. Git follows redirects to any host, and the check of the job's URL and its
 * credentials are for one host, so only a move within that host is followed: a renamed repository.
 *
 * @param tracing git with `GIT_TRACE_CURL`: through the same proxies and with the same certificates as a fetch
 * @throws RunnerError `source_refused` if the redirect leads to another host
 */
export async function redirectedUrl(url: string, tracing: Git): Promise<string> {
  const { stderr } = await tracing(['ls-remote', '--quiet', '--end-of-options', url, 'HEAD']);
  const location = [...stderr.matchAll(locationHeader)].at(-1)?.[1];
  const target = location !== undefined && URL.canParse(location, url) ? new URL(location, url) : undefined;
  const from = new URL(url);
  const isUpgrade = from.protocol === 'http:' && target?.protocol === 'https:';
  const isSameHost = target?.hostname === from.hostname && (target.port === from.port || isUpgrade);
  if (target === undefined || !isSameHost || (target.protocol !== from.protocol && !isUpgrade)) {
    const where = target === undefined ? 'another address' : target.host;
    throw new RunnerError(
      'source_refused',
      `The repository's server redirects to ${where}. Berth follows redirects only within one host: use the new URL.`,
    );
  }
  target.username = '';
  target.password = '';
  return target.href.replace(servicePath, '');
}
