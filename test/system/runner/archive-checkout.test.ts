import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { create, Header } from 'tar';
import { runRunner } from './harness/run-runner.ts';
import { startUploadServer, type UploadServer } from './harness/upload-server.ts';

const sha = 'b'.repeat(40);

async function archiveOf(files: Readonly<Record<string, string>>): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'berth-test-archive-'));
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(directory, path)), { recursive: true });
    await writeFile(join(directory, path), content);
  }
  const tops = [...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? ''))];
  await create({ cwd: directory, file: join(directory, 'archive.tar.gz'), gzip: true }, tops);
  return readFile(join(directory, 'archive.tar.gz'));
}

/** An archive that no honest tool would write. */
function craftedArchive(
  entries: readonly Partial<ConstructorParameters<typeof Header>[0] & object>[],
): Buffer {
  const blocks = entries.map((entry) => {
    const header = new Header({ mode: 0o644, size: 0, mtime: new Date(0), ...entry });
    const block = Buffer.alloc(512);
    header.encode(block, 0);
    return block;
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

async function runArchive(archive: Buffer, command: string, server?: UploadServer) {
  const uploads = server ?? (await startUploadServer());
  uploads.serve('/commit.tar.gz', archive, 'application/gzip');
  const source = { kind: 'archive', url: `${uploads.url}/commit.tar.gz`, branch: 'main', sha } as const;
  return runRunner({ source, command }, { server: uploads });
}

describe('a checkout from an archive', () => {
  it('has the files without their leading directory', async () => {
    const archive = await archiveOf({ 'shop-bbbb/src/a.txt': 'from the archive\n', 'shop-bbbb/b.txt': '' });
    const run = await runArchive(archive, 'ls; cat src/a.txt; echo $BERTH_SHA; echo "REPO_URL=$REPO_URL"');
    expect(run.lines).toEqual(['b.txt', 'src', 'from the archive', sha, 'REPO_URL=']);
    expect(run.result.sha).toBe(sha);
  });

  it('works over a unix socket without a network', async () => {
    const server = await startUploadServer({ socket: true });
    const run = await runArchive(await archiveOf({ 'shop/a.txt': 'here\n' }), 'cat a.txt', server);
    expect(run.lines).toEqual(['here']);
  });

  it('follows a redirect, and sends the token only to the original server', async () => {
    const elsewhere = await startUploadServer();
    elsewhere.serve('/real.tar.gz', await archiveOf({ 'shop/a.txt': 'moved\n' }));
    const asked = elsewhere.requested('/real.tar.gz');
    const server = await startUploadServer();
    server.answer('/archive', (request, response) => {
      expect(request.headers.authorization).toBe('Bearer topsecret');
      response.writeHead(302, { location: `${elsewhere.url}/real.tar.gz` }).end();
    });
    const headers = { authorization: 'Bearer topsecret' };
    const source = { kind: 'archive', url: `${server.url}/archive`, branch: 'main', sha, headers } as const;
    const run = await runRunner({ source, command: 'cat a.txt; echo topsecret' }, { server });
    expect(run.lines).toEqual(['moved', '***']);
    expect((await asked).headers.authorization).toBeUndefined();
    await elsewhere.close();
  });

  it('restarts an interrupted download', async () => {
    const archive = await archiveOf({ 'shop/a.txt': 'whole\n' });
    const server = await startUploadServer();
    const cut = (_: unknown, response: import('node:http').ServerResponse) => {
      response.writeHead(200, { 'content-length': String(archive.length) });
      response.write(archive.subarray(0, 40), () => response.destroy());
    };
    server.answer('/commit.tar.gz', cut, 2);
    const run = await runArchive(archive, 'cat a.txt', server);
    expect(run.lines).toEqual(['whole']);
  });

  it('is rejected if an entry leaves the checkout', async () => {
    const run = await runArchive(craftedArchive([{ path: 'shop/../../escaped.txt', type: 'File' }]), 'true');
    expect(run.result.error?.code).toBe('archive_invalid');
  });

  it('is rejected if a file is written through a link that leaves the checkout', async () => {
    const archive = craftedArchive([
      { path: 'shop/link', type: 'SymbolicLink', linkpath: '../../../tmp' },
      { path: 'shop/link/escaped.txt', type: 'File' },
    ]);
    const run = await runArchive(archive, 'find . -type l; ls -A ../../escaped.txt 2>/dev/null || true');
    expect(run.lines).toEqual([]);
  });

  it('is rejected without one leading directory, because files would be lost', async () => {
    const run = await runArchive(await archiveOf({ 'a.txt': '', 'b/c.txt': '' }), 'true');
    expect(run.result.error?.code).toBe('archive_invalid');
    expect(run.result.error?.message).toContain('one leading directory');
  });

  it.each([
    ['no archive', Buffer.from('this is no archive at all')],
    ['empty', Buffer.alloc(0)],
    ['cut off', gzipSync(Buffer.alloc(4096, 'x')).subarray(0, 20)],
  ])('is rejected if it is %s', async (_, archive) => {
    const run = await runArchive(archive, 'true');
    expect(run.result.error?.code).toBe('archive_invalid');
  });

  it.each([
    [403, 'authentication_refused'],
    [404, 'repository_not_found'],
    [500, 'source_unreachable'],
  ] as const)('explains a status of %d', async (status, code) => {
    const server = await startUploadServer();
    server.answer('/commit.tar.gz', (_, response) => response.writeHead(status).end('why'));
    const run = await runArchive(Buffer.alloc(0), 'true', server);
    expect(run.result.error?.code).toBe(code);
  });
});
