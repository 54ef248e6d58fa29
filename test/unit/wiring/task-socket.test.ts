import { request } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { serveTasks } from '../../../app/wiring/task-socket.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

describe('the socket for containers', () => {
  let directory: TemporaryDirectory;
  let server: Awaited<ReturnType<typeof serveTasks>>;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    server = await serveTasks(() => new Response('served'), directory.path);
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await directory.remove();
  });

  const statusOf = (path: string): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const socketPath = join(directory.path, 'berth.sock');
      request({ socketPath, path }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      })
        .once('error', reject)
        .end();
    });

  it.each([
    ['/objects/runs/1/job.json?signature=x', 200],
    ['/workflow/nightly--01ABC/uploads?launch=1', 200],
    ['/workflow/1', 404],
    ['/workflow/1/uploads/x', 404],
    ['/workflow/../projects', 404],
    ['/projects', 404],
    ['/healthz', 404],
  ])('answers %s with %d', async (path, status) => {
    expect(await statusOf(path)).toBe(status);
  });
});
