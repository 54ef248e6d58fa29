import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobSource } from '../../../app/core/model/job.ts';
import { shellWord } from '../../../app/lib/shell-word.ts';
import { basicHeader } from '../job-secrets.ts';
import type { GitRemote } from './git-url.ts';

export type GitAuth = NonNullable<Extract<JobSource, { kind: 'git' }>['auth']>;

/** Credentials for git, only in its environment: nothing is in an argument or in `.git/config`. */
export interface GitCredentials {
  readonly env: Readonly<Record<string, string>>;
  /** Configuration for the fetch, as pairs of key and value. */
  readonly config: readonly (readonly [string, string])[];
  /** Removes what was written to disk. */
  remove(): Promise<void>;
}

/** @param directory contains a private key until `remove`. Outside the checkout. */
export async function gitCredentials(
  auth: GitAuth | undefined,
  remote: GitRemote,
  directory: string,
): Promise<GitCredentials> {
  if (auth?.kind === 'ssh') return sshCredentials(auth, directory);
  const basic = auth ?? remote.credentials;
  if (basic === undefined) {
    return { env: sshEnv(), config: [], remove: async () => undefined };
  }
  const encoded = basicHeader(basic.username, basic.password);
  const { origin } = new URL(remote.url);
  return {
    env: sshEnv(),
    // Git sends the header only to this origin.
    config: [[`http.${origin}/.extraHeader`, `Authorization: Basic ${encoded}`]],
    remove: async () => undefined,
  };
}

async function sshCredentials(
  auth: Extract<GitAuth, { kind: 'ssh' }>,
  directory: string,
): Promise<GitCredentials> {
  const home = join(directory, 'ssh');
  const [key, knownHosts] = [join(home, 'key'), join(home, 'known-hosts')];
  await mkdir(home, { mode: 0o700 });
  // ssh rejects a key without a final newline, which secret stores often trim.
  await writeFile(key, `${auth.privateKey.trimEnd()}\n`, { mode: 0o600 });
  await chmod(key, 0o600);
  if (auth.knownHosts !== undefined)
    await writeFile(knownHosts, `${auth.knownHosts.trimEnd()}\n`, { mode: 0o600 });
  const files = auth.knownHosts === undefined ? [key] : [key, knownHosts];
  return {
    env: sshEnv(files),
    config: [],
    remove: () => rm(home, { recursive: true, force: true }),
  };
}

/** Without known hosts, ssh accepts any key of the server: each run has a new checkout, so no earlier key is known. */
function sshEnv([key, knownHosts]: readonly string[] = []): Record<string, string> {
  const options = [
    ['-F', '/dev/null'],
    ['-o', 'BatchMode=yes'],
    ['-o', 'ConnectTimeout=20'],
    ...(key === undefined
      ? []
      : [
          ['-o', 'IdentitiesOnly=yes'],
          ['-i', shellWord(key)],
        ]),
    ...(knownHosts === undefined
      ? [
          ['-o', 'StrictHostKeyChecking=accept-new'],
          ['-o', 'UserKnownHostsFile=/dev/null'],
        ]
      : [
          ['-o', 'StrictHostKeyChecking=yes'],
          ['-o', shellWord(`UserKnownHostsFile=${knownHosts}`)],
        ]),
  ];
  // Git runs the command in a shell.
  return { GIT_SSH_COMMAND: ['ssh', ...options.flat()].join(' ') };
}
