import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Differences } from '../../ports/sources.ts';

const commit = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const limits = { timeout: 30_000, maxBuffer: 16 * 1024 * 1024 };

/** Compares commits of repositories on this machine (`file:` URLs). Those of any other run are unknown. */
export function gitDifferences(): Differences {
  return {
    async between({ spec }, base, head) {
      const { source } = spec;
      const isLocal = source.kind === 'git' && source.url.startsWith('file:');
      if (!isLocal || !commit.test(base) || !commit.test(head)) return undefined;
      try {
        const { stdout } = await promisify(execFile)(
          'git',
          // The configuration of the repository must not run anything.
          [
            ...['-c', 'core.fsmonitor=false', '-C', fileURLToPath(source.url)],
            ...['diff-tree', '-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', base, head, '--'],
          ],
          limits,
        );
        return stdout.split('\0').filter((path) => path !== '');
      } catch {
        // Not a repository of this user, or the commit no longer exists.
        return undefined;
      }
    },
  };
}
