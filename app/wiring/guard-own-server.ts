import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { packageRoot } from './package-root.ts';

/** Reads until this process ends: the kernel then closes the other end of the pipe, even after kill -9. */
const script = 'read -r _; [ ! -d "$BERTH_DATA_DIR" ] || exec "$@"';

/**
 * Makes sure that the tests and the data directory of a server for one run end with this process, even if it is killed.
 *
 * A shell waits for the end of this process. If the data directory still exists then, it runs `end-own-server.ts`.
 *
 * @param env the configuration of that server, without secrets: tests that are not isolated can read it.
 */
export function guardOwnServer(env: Readonly<Record<string, string>>): void {
  const program = join(packageRoot(import.meta.url), 'dist/berth-end-own-server.js');
  const child = spawn('/bin/sh', ['-c', script, 'berth-guard', process.execPath, program], {
    env,
    // In a separate session, so that what kills the process group leaves it.
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Without a guard, the run works all the same.
  child.on('error', () => {});
  child.unref();
  (child.stdin as Socket).unref(); // A pipe of a child is a socket.
}
