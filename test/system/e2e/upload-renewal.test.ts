import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { Deps } from '../../../app/core/deps.ts';
import { parseConfig } from '../../../app/wiring/config/config.ts';
import { serve } from '../../../app/wiring/server.ts';
import { serveTasks } from '../../../app/wiring/task-socket.ts';
import { callTo } from '../../helpers/call-to.ts';
import { runPastUploads, withExpiringUploads } from '../../helpers/expiring-uploads.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

const apiKey = 'a-key-for-the-tests-of-renewals';

it('a run that reaches only the socket for tasks outlives its first upload URLs', async () => {
  const directory = await temporaryDirectory();
  const repository = await gitRepository(join(directory.path, 'repository'), { 'a.txt': 'a' });
  const socket = `http+unix://${encodeURIComponent(join(directory.path, 'berth.sock'))}`;
  const renewed: string[] = [];
  // Tasks of this machine take the way of containers.
  const throughSocket = (deps: Deps): Deps =>
    withExpiringUploads({
      ...deps,
      executor: { ...deps.executor, objectsBaseUrl: socket },
      renewals: {
        ...deps.renewals,
        urlOf: async (task) => (await deps.renewals.urlOf(task)).replace(/^http:\/\/[^/]+/, socket),
      },
    });
  const server = await serve(
    parseConfig({
      PORT: '0',
      PATH: process.env.PATH,
      BERTH_DATA_DIR: join(directory.path, 'data'),
      BERTH_API_KEY: apiKey,
      BERTH_EXECUTOR: 'process',
      BERTH_ALLOW_FILE_URLS: 'true',
    }),
    throughSocket,
  );
  const tasks = await serveTasks(async (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname.endsWith('/uploads')) renewed.push(pathname);
    const body = request.method === 'GET' ? {} : { body: await request.arrayBuffer() };
    return fetch(`${server.url}${pathname}${search}`, {
      method: request.method,
      headers: request.headers,
      ...body,
    });
  }, directory.path);
  const call = callTo(server, apiKey);
  try {
    const { id, run, artifact } = await runPastUploads(call, repository);
    expect(run).toMatchObject({ state: 'succeeded' });
    expect(renewed.length).toBeGreaterThan(0);
    expect(artifact).toBe('kept\n');
    expect((await call('GET', `/workflow/${id}/report`)).status).toBe(200);
  } finally {
    tasks.closeAllConnections();
    tasks.close();
    await server.close();
    await directory.remove();
  }
});
