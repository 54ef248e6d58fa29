import { chmod, mkdir, rm } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';
import { createAdaptorServer } from '@hono/node-server';
import { BerthError } from '../core/model/errors.ts';

/** The socket at which containers reach their job and their uploads, and nothing else of the server. */
export async function serveTasks(
  answer: (request: Request) => Response | Promise<Response>,
  directory: string,
): Promise<Server> {
  const path = join(directory, 'berth.sock');
  await mkdir(directory, { recursive: true });
  await chmod(directory, 0o755);
  // Left by a server that was killed: this one has the lock of the data directory.
  await rm(path, { force: true });
  const server = createAdaptorServer({
    fetch: (request) =>
      isForTasks(request) ? answer(request) : new Response('Not found.\n', { status: 404 }),
  }) as Server; // Without TLS options the adaptor makes a plain HTTP server.
  await new Promise<void>((resolve, reject) => {
    const refuse = (cause: unknown) =>
      reject(
        new BerthError('config_invalid', `Berth cannot listen at ${path}.`, {
          cause,
          hint: 'Set BERTH_DATA_DIR to a directory with a shorter path: the path of a socket has at most 107 bytes.',
        }),
      );
    server.once('error', refuse).listen(path, resolve);
  });
  // The runner is another user in its container; the signed URLs control access.
  await chmod(path, 0o666);
  return server;
}

/** Objects, and new URLs for uploads when those of the job have expired. */
function isForTasks(request: Request): boolean {
  const { pathname } = new URL(request.url);
  return pathname.startsWith('/objects/') || /^\/workflow\/[\w-]+\/uploads$/.test(pathname);
}
