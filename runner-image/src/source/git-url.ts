import { RunnerError } from '../runner-error.ts';

export interface GitRemote {
  /** Without credentials. */
  readonly url: string;
  /** The only transport that git may use, even after a redirect. */
  readonly protocol: 'https' | 'http' | 'ssh' | 'file';
  /** User and password of the URL. Only for http. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** `user@host:path`, the short form of an ssh URL. */
const scpLike = /^(?:[\w.-]+@)?[\w][\w.-]*:(?!\/\/)[^:]/;

/**
 * Parses the URL of a repository, and removes credentials from it: git would show them in the process list and store
 * them in `.git/config`.
 *
 * @throws RunnerError `source_refused` for a transport that is not allowed.
 */
export function parseGitUrl(text: string): GitRemote {
  if (!text.includes('://') && scpLike.test(text)) return { url: text, protocol: 'ssh' };
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol === 'file:') return { url: text, protocol: 'file' };
  if (url?.protocol === 'ssh:' && !url.hostname.startsWith('-')) return { url: text, protocol: 'ssh' };
  if (url?.protocol === 'https:' || url?.protocol === 'http:') {
    const { username, password } = url;
    url.username = '';
    url.password = '';
    const remote = { url: url.href, protocol: url.protocol === 'https:' ? 'https' : 'http' } as const;
    if (username === '' && password === '') return remote;
    return {
      ...remote,
      credentials: { username: decodeURIComponent(username), password: decodeURIComponent(password) },
    };
  }
  throw new RunnerError(
    'source_refused',
    'Berth does not clone from this kind of URL. Use https, ssh, or file.',
  );
}
