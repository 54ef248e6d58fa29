import { omitUndefined } from '../../lib/omit-undefined.ts';
import { type HostRules, type Reason, whyNotHost } from './clone-host.ts';
import { BerthError } from './errors.ts';

export interface CloneRules extends HostRules {
  /** Whether `file:` URLs are allowed: they read anything that the server's user can read. */
  readonly allowFileUrls: boolean;
}

const longest = 2048;
const schemes = ['https', 'http', 'ssh', 'file'] as const;

/** The scp-like forms `user@host:path` and `host:path`: git-clone(1), "GIT URLS". */
const scpLike = /^(?:[A-Za-z0-9][A-Za-z0-9._-]*@)?(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+):(?!\/\/)([^-].*)$/;

/**
 * Refuses a URL that Berth does not clone: another scheme than https, ssh or (where allowed) file, credentials in it,
 * or a host that a server must not connect to.
 *
 * The text is checked and never rewritten, so this check is stricter than git's parser:
 * anything that two parsers could read differently is refused. The task checks the addresses that a
 * name resolves to (`runner-image/src/source/resolve-host.ts`).
 *
 * @throws BerthError `url_not_allowed` with the reason and what to do.
 */
export function checkCloneUrl(url: string, rules: CloneRules): void {
  const reason = whyNotCloneUrl(url, rules);
  if (reason === undefined) return;
  throw new BerthError(
    'url_not_allowed',
    `This repository cannot be cloned: ${reason.message}.`,
    omitUndefined({
      hint: reason.hint,
      details: [{ path: 'repo_url', message: reason.message }],
    }),
  );
}

/** @returns undefined if the URL may be cloned. */
export function whyNotCloneUrl(url: string, rules: CloneRules): Reason | undefined {
  if (url.length > longest) return { message: `its URL is longer than ${longest} characters` };
  // URL parsers disagree most about backslashes, blanks and characters outside ASCII.
  if (!/^[!-[\]-~]+$/.test(url)) {
    return {
      message: 'its URL contains characters other than printable ASCII, or a backslash',
      hint: 'Percent-encode them.',
    };
  }
  // `ext::sh -c …` would have git run a program: gitremote-helpers(7), "REMOTE HELPERS".
  if (/^[A-Za-z0-9+.-]*::/.test(url)) return { message: 'its URL names a remote helper of git' };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(url)?.[1]?.toLowerCase();
  if (scheme !== undefined) return ofSchemeUrl(url, scheme, rules);
  const host = scpLike.exec(url)?.[1];
  if (host !== undefined) return whyNotHost(host, rules);
  return {
    message: 'it is not a URL',
    hint: 'Use an https:// or ssh:// URL, git@host:path, or file:// and an absolute path.',
  };
}

function ofSchemeUrl(url: string, scheme: string, rules: CloneRules): Reason | undefined {
  if (!schemes.some((known) => known === scheme)) {
    return { message: `its URL has the scheme ${scheme}:`, hint: 'Use https or ssh.' };
  }
  if (!URL.canParse(url)) return { message: 'its URL cannot be parsed' };
  const parsed = new URL(url);
  if (scheme === 'file') return ofFileUrl(parsed, rules);
  if (parsed.password !== '' || (scheme !== 'ssh' && parsed.username !== '')) {
    return {
      message: 'its URL contains credentials',
      hint: 'Remove them from the URL and change them, because URLs are logged. Install the GitHub App, or use ssh.',
    };
  }
  // ssh would take it for an option (CVE-2017-1000117).
  if (/^(-|%2d)/i.test(parsed.username)) return { message: 'the user in its URL begins with -' };
  if (parsed.search !== '' || parsed.hash !== '') {
    return { message: 'its URL has a query or a fragment', hint: 'Put the branch in the field branch.' };
  }
  if (/^\/+$/.test(parsed.pathname) || parsed.pathname === '')
    return { message: 'its URL has no repository' };
  return scheme === 'http' ? whyNotPlain(parsed.hostname, rules) : whyNotHost(parsed.hostname, rules);
}

/** Plain http could be modified in transit. It is acceptable within a machine or its network. */
function whyNotPlain(host: string, rules: CloneRules): Reason | undefined {
  const reason = whyNotHost(host, rules);
  if (reason !== undefined) return reason;
  const isPrivate = whyNotHost(host, { ...rules, allowPrivateHosts: false }) !== undefined;
  return isPrivate ? undefined : { message: 'its URL is plain http', hint: 'Use https.' };
}

function ofFileUrl(parsed: URL, rules: CloneRules): Reason | undefined {
  if (!rules.allowFileUrls) {
    return {
      message: 'its URL is a file: URL',
      hint: 'Start the server with BERTH_ALLOW_FILE_URLS=true if everyone with a key may read its files.',
    };
  }
  if (parsed.hostname !== '') return { message: 'its file: URL names a host', hint: 'Use file:///path.' };
  return parsed.search === '' && parsed.hash === ''
    ? undefined
    : { message: 'its URL has a query or a fragment', hint: 'Percent-encode ? and # in a path.' };
}
