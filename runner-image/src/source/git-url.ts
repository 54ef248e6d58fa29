import { RunnerError } from '../runner-error.ts';

export interface GitRemote {
  /** Without credentials. */
  readonly url: string;
  /** The one transport that git may use for it, also after a redirect. */
  readonly protocol: 'https' | 'http' | 'ssh' | 'file';
  /** What the URL named as its user and password, for http alone. */
  readonly credentials?: { readonly username: string; readonly password: string };
}

/** `user@host:path`, the short form that ssh has. */
const scpLike = /^(?:[\w.-]+@)?[\w][\w.-]*:(?!\/\/)[^:]/;

/**
 * Reads the URL of a repository, and takes credentials out of it: git would show them in the list of processes and
 * keep them in `.git/config`.
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
    'The URL of the repository is not one that Berth clones from: use https, ssh or file.',
  );
}
