import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { bytesBody } from '../../../runner-image/src/http/put-target.ts';
import { createUploadTargets } from '../../../runner-image/src/http/upload-targets.ts';
import { startUploadServer, type UploadServer } from './harness/upload-server.ts';

const minute = 60_000;
let server: UploadServer;
beforeEach(async () => {
  server = await startUploadServer();
});
afterEach(() => server.close());

function fresh(name: string) {
  const target = { url: `${server.url}/${name}`, headers: {}, maxBytes: 1 };
  return { result: target, report: target, tests: target, artifacts: target, progress: target, caches: [] };
}

describe('the upload targets of a long run', () => {
  it('are kept for the first half hour', async () => {
    let now = 0;
    const targets = createUploadTargets(
      { uploads: fresh('old'), renewUrl: `${server.url}/renew` },
      () => now,
    );
    now = 29 * minute;
    await targets.renew(AbortSignal.timeout(60_000));
    expect(targets.current().result.url).toContain('/old');
  });

  it('are renewed after that, as often as needed', async () => {
    let now = 0;
    server.serve(
      '/renew',
      JSON.stringify({ uploads: fresh('second'), renewUrl: `${server.url}/renew-again` }),
    );
    server.serve('/renew-again', JSON.stringify({ uploads: fresh('third') }));
    const targets = createUploadTargets(
      { uploads: fresh('first'), renewUrl: `${server.url}/renew` },
      () => now,
    );
    now = 31 * minute;
    await targets.renew(AbortSignal.timeout(60_000));
    expect(targets.current().result.url).toContain('/second');
    now = 62 * minute;
    await targets.renew(AbortSignal.timeout(60_000));
    expect(targets.current().result.url).toContain('/third');
  });

  it('stay unchanged if the server returns none', async () => {
    let now = 0;
    server.serve('/renew', '{"uploads": 1}');
    const targets = createUploadTargets(
      { uploads: fresh('old'), renewUrl: `${server.url}/renew` },
      () => now,
    );
    now = 31 * minute;
    await expect(targets.renew(AbortSignal.timeout(60_000))).rejects.toThrow();
    expect(targets.current().result.url).toContain('/old');
  });

  it.each([
    [403, 'AccessDenied: Request has expired'],
    [400, 'ExpiredToken'],
  ])('are renewed immediately, in one request, if S3 rejects uploads with %i', async (status, text) => {
    server.answer('/old', (_request, response) => response.writeHead(status).end(text));
    server.serve('/renew', JSON.stringify({ uploads: fresh('new'), renewUrl: `${server.url}/renew` }));
    const targets = createUploadTargets({ uploads: fresh('old'), renewUrl: `${server.url}/renew` }, () => 0);
    const put = (name: 'report' | 'tests' | 'artifacts') =>
      targets.put(name, bytesBody('x'), { contentType: 'text/plain' });
    await Promise.all([put('report'), put('tests'), put('artifacts')]);
    expect(server.received.map(({ path }) => path)).toEqual(['/new', '/new', '/new']);
    expect(server.asked('/renew')).toBe(1);
  });

  it('are not renewed twice: a second rejection is reported', async () => {
    server.answer('/old', (_request, response) => response.writeHead(403).end('no'));
    server.serve('/renew', JSON.stringify({ uploads: fresh('old') }));
    const targets = createUploadTargets({ uploads: fresh('old'), renewUrl: `${server.url}/renew` }, () => 0);
    await expect(targets.put('report', bytesBody('x'), { contentType: 'text/plain' })).rejects.toMatchObject({
      status: 403,
    });
  });
});
