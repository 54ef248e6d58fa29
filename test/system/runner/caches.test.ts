import { createHash } from 'node:crypto';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Header } from 'tar';
import type { JobInput } from '../../../app/core/model/job.ts';
import { headerLine } from '../../../runner-image/src/cache/archive-header.ts';
import { cacheKey, platformName } from '../../../runner-image/src/cache/cache-key.ts';
import type { GitSource } from '../../../runner-image/src/source/git-checkout.ts';
import { makeRepository } from './harness/git-repository.ts';
import { type FinishedRunner, runRunner } from './harness/run-runner.ts';
import { startUploadServer } from './harness/upload-server.ts';

const lock = 'the lock file';
let source: GitSource;
let key: string;
beforeAll(async () => {
  const repository = await makeRepository({ 'package-lock.json': lock });
  source = { kind: 'git', url: repository.url, branch: 'main' };
  const checkout = await mkdtemp(join(tmpdir(), 'berth-test-'));
  await writeFile(join(checkout, 'package-lock.json'), lock);
  key = (await cacheKey(checkout, ['package-lock.json'])) ?? '';
});

type Archives = Readonly<Record<string, Buffer>>;

/** Runs a suite with one cache of a directory in the checkout. */
async function runWith(
  command: string,
  archives: Archives,
  options: { readOnly?: true; setup?: string } = {},
) {
  const server = await startUploadServer();
  for (const [branch, body] of Object.entries(archives)) server.serve(`/cached/${branch}`, body);
  const cache = {
    name: 'deps',
    key: ['package-lock.json'],
    paths: ['vendor'],
    restore: ['topic', 'base', 'main'].map((branch) => ({ branch, url: `${server.url}/cached/${branch}` })),
    maxBytes: 1_000_000,
    maxAgeSeconds: 1000,
  } satisfies NonNullable<JobInput['caches']>[number];
  const caches = options.readOnly ? [] : [{ url: `${server.url}/saved`, maxBytes: 10_000_000 }];
  const { setup } = options;
  const uploads = { ...server.uploads, caches };
  return runRunner(
    { source, command, caches: [cache], uploads, ...(setup === undefined ? {} : { setup }) },
    { server },
  );
}

const saved = (run: FinishedRunner) => run.server.upload('/saved')?.body ?? Buffer.alloc(0);
const write =
  'mkdir -p vendor/a && echo cached > vendor/a/file && ln -s /usr/bin/env vendor/link && chmod 700 vendor/a/file';

describe('a cache', () => {
  it('is saved by a run that did not find it, and restored by the next', async () => {
    const cold = await runWith('true', {}, { setup: `[ ! -e vendor ] && ${write}` });
    expect(cold.result.caches).toEqual([
      expect.objectContaining({ name: 'deps', outcome: 'miss', savedBytes: saved(cold).length }),
    ]);
    const check = 'cat vendor/a/file; readlink vendor/link; test -x vendor/a/file';
    const warm = await runWith(check, { base: saved(cold) });
    expect(warm.lines).toEqual(['cached', '/usr/bin/env']);
    expect(warm.result.caches).toEqual([
      expect.objectContaining({ outcome: 'hit', branch: 'base', sizeBytes: saved(cold).length }),
    ]);
    expect(warm.server.upload('/saved')).toBeUndefined();
  });

  it('is not saved by a run that failed, or that may only read', async () => {
    expect(saved(await runWith(`${write}; exit 1`, {}))).toHaveLength(0);
    const reader = await runWith(write, {}, { readOnly: true });
    expect([reader.exitCode, saved(reader).length]).toEqual([0, 0]);
  });

  it('with other key files is the start of a new one', async () => {
    const old = await archive([file('vendor/old')], { key: 'other' });
    const run = await runWith('cat vendor/old', { main: old });
    expect(run.result.caches).toEqual([
      expect.objectContaining({ outcome: 'partial', branch: 'main', savedBytes: expect.any(Number) }),
    ]);
  });

  it.each<[string, () => Promise<Buffer>]>([
    [
      'that was changed',
      async () => {
        const body = await archive([file('vendor/x')]);
        body.writeUInt8(body.readUInt8(body.length - 1) ^ 1, body.length - 1);
        return body;
      },
    ],
    ['that was cut off', async () => (await archive([file('vendor/x')])).subarray(0, -10)],
    ['that is something else', async () => Buffer.from('<html>')],
    ['of another system', () => archive([file('vendor/x')], { platform: 'plan9' })],
    ['that is too old', () => archive([file('vendor/x')], { savedAt: '2001-01-01T00:00:00Z' })],
    ['with a path that leads out', () => archive([file('vendor/../../x')])],
    ['with an absolute path', () => archive([file('/tmp/berth-poison')])],
    ['with the path of something else', () => archive([file('package.json')])],
    ['with a file behind a link', () => archive([link('vendor/up', '..'), file('vendor/up/x')])],
    ['with a link behind a link', () => archive([link('vendor/up', '..'), link('vendor/up/x', '/etc')])],
    ['with a hard link', () => archive([link('vendor/passwd', '/etc/passwd', 'Link')])],
    ['with a device', () => archive([special('vendor/null', 'CharacterDevice')])],
    ['with a named pipe', () => archive([special('vendor/pipe', 'FIFO')])],
    [
      'whose files are too large',
      () =>
        archive([headerOf({ path: 'vendor/x', size: 12_000_000, type: 'File' }), Buffer.alloc(12_000_256)]),
    ],
    ['that is larger than the limit', () => archive([file('vendor/x')], { sizeBytes: 1_000_001 })],
    ['whose size is not that of its header', () => archive([file('vendor/x')], { sizeBytes: 20 })],
    ['whose header does not end', async () => Buffer.alloc(200_000, '{')],
    ['of another path', () => archive([file('vendor/x')], { parts: 'other' })],
  ])('%s is a miss that leaves nothing behind', async (_, make) => {
    const body = await make();
    const run = await runWith('ls -A . ..', { main: body });
    expect(run.exitCode).toBe(0);
    expect(run.result.caches).toEqual([expect.objectContaining({ outcome: 'miss' })]);
    expect(run.lines.join(' ')).not.toMatch(/vendor|berth-cache|\bx\b|up/);
  });
});

function file(path: string): Buffer {
  const content = Buffer.alloc(512);
  content.write('content');
  return Buffer.concat([headerOf({ path, size: 7, type: 'File' }), content]);
}

function link(path: string, linkpath: string, type: 'SymbolicLink' | 'Link' = 'SymbolicLink'): Buffer {
  return headerOf({ path, linkpath, size: 0, type });
}

function special(path: string, type: 'CharacterDevice' | 'FIFO'): Buffer {
  return headerOf({ path, size: 0, type });
}

function headerOf(fields: ConstructorParameters<typeof Header>[0]): Buffer {
  const block = Buffer.alloc(512);
  if (Buffer.isBuffer(fields)) return fields;
  new Header({ mode: 0o644, mtime: new Date(0), ...fields }).encode(block, 0);
  return block;
}

async function archive(
  entries: readonly Buffer[],
  changes: { key?: string; platform?: string; savedAt?: string; parts?: string; sizeBytes?: number } = {},
): Promise<Buffer> {
  const body = gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
  const header = headerLine({
    berthCache: 1,
    key: changes.key ?? key,
    platform: changes.platform ?? (await platformName()),
    savedAt: changes.savedAt ?? new Date().toISOString(),
    compression: 'gzip',
    digest: createHash('sha256').update(body).digest('hex'),
    parts: [{ path: changes.parts ?? 'vendor', sizeBytes: changes.sizeBytes ?? body.length }],
    generation: 0,
  });
  return Buffer.concat([header, body]);
}
