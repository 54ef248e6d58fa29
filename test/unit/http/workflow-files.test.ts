import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../app/core/model/outcome.ts';
import { reportKey, runObjectKey } from '../../../app/core/model/run-keys.ts';
import { aRun } from '../../helpers/a-run.ts';
import { type Client, type HttpWorld, httpWorld } from './http-world.ts';

const directory = mkdtempSync(join(tmpdir(), 'berth-files-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function archive(): Uint8Array {
  mkdirSync(join(directory, 'out'), { recursive: true });
  writeFileSync(join(directory, 'out/page.html'), '<script>alert(1)</script>');
  writeFileSync(join(directory, 'out/größe "1".txt'), 'grown');
  execFileSync('tar', ['-czf', join(directory, 'a.tar.gz'), '-C', directory, 'out']);
  return readFileSync(join(directory, 'a.tar.gz'));
}

const id = runId('r');

/** A run that has ended, with the objects that it left. */
async function fileWorld(
  objects: Record<string, string | Uint8Array>,
): Promise<{ w: HttpWorld; client: Client }> {
  const w = httpWorld();
  const kept = new Map(Object.entries(objects));
  w.deps.objects.get = async (key) => {
    const content = kept.get(key);
    if (content === undefined) return undefined;
    const blob = new Blob([content]);
    return { body: blob.stream(), sizeBytes: blob.size, contentType: 'text/html' };
  };
  const { client, project } = await w.shop();
  await w.deps.store.runs.create(
    aRun({
      id,
      projectId: project.id,
      state: 'succeeded',
      outcome: {
        ...outcomeWithoutResult('Done.'),
        artifacts: [{ path: 'out/page.html', sizeBytes: 25, isReport: true }],
      },
    }),
  );
  return { w, client };
}

describe('GET /workflow/:id/report', () => {
  it('returns the report in a sandbox', async () => {
    const { client } = await fileWorld({ [reportKey(id)]: '<h1>Report</h1><script>steal()</script>' });
    const response = await client.raw('/workflow/r/report');
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('<h1>Report</h1><script>steal()</script>');
    expect(response.headers.get('Content-Type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('X-Content-Type-Options')).toBe('nosniff');
    const policy = response.headers.get('Content-Security-Policy') ?? '';
    expect(policy).toMatch(/^sandbox allow-scripts/);
    expect(policy).not.toContain('allow-same-origin');
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toContain('connect-src');
  });

  it('returns only the size for HEAD', async () => {
    const { client } = await fileWorld({ [reportKey(id)]: '<h1>Report</h1>' });
    const response = await client.raw('/workflow/r/report', { method: 'HEAD' });
    expect(response.headers.get('Content-Length')).toBe('15');
    expect(await response.text()).toBe('');
  });

  it.each(['report', 'tests', 'artifacts.tar.gz', 'artifacts/x'])('reports a missing %s', async (what) => {
    const { client } = await fileWorld({});
    expect(await client.get(`/workflow/r/${what}`)).toMatchObject({
      status: 404,
      body: { code: 'object_not_found', error: expect.stringMatching(/^The workflow has no /) },
    });
  });
});

describe('GET /workflow/:id/tests', () => {
  it('returns the test cases', async () => {
    const cases = { version: 1, runId: 'r', cases: [] };
    const { client } = await fileWorld({ [runObjectKey(id, 'tests.json')]: JSON.stringify(cases) });
    const { status, body, headers } = await client.get('/workflow/r/tests');
    expect({ status, body, type: headers.get('Content-Type') }).toEqual({
      status: 200,
      body: cases,
      type: 'application/json',
    });
  });
});

describe('GET /workflow/:id/artifacts', () => {
  it('lists the files with their URLs', async () => {
    const { client } = await fileWorld({});
    expect((await client.get('/workflow/r/artifacts')).body).toEqual({
      artifacts: [
        {
          path: 'out/page.html',
          size_bytes: 25,
          is_report: true,
          url: 'http://berth.test/workflow/r/artifacts/out/page.html',
          view_url: null,
        },
      ],
      archive_url: 'http://berth.test/workflow/r/artifacts.tar.gz',
    });
  });

  it('returns one file of the archive as a download', async () => {
    const { client } = await fileWorld({ [runObjectKey(id, 'artifacts.tar.gz')]: archive() });
    const response = await client.raw('/workflow/r/artifacts/out/page.html');
    expect(await response.text()).toBe('<script>alert(1)</script>');
    expect(response.headers.get('Content-Type')).toBe('application/octet-stream');
    expect(response.headers.get('Content-Length')).toBe('25');
    expect(response.headers.get('Content-Disposition')).toMatch(/^attachment; filename="page.html"/);
    expect(response.headers.get('Content-Security-Policy')).toMatch(/^sandbox /);
  });

  it('returns files with special names', async () => {
    const { client } = await fileWorld({ [runObjectKey(id, 'artifacts.tar.gz')]: archive() });
    const path = `out/${encodeURIComponent('größe "1".txt')}`;
    const response = await client.raw(`/workflow/r/artifacts/${path}`);
    expect(await response.text()).toBe('grown');
    expect(response.headers.get('Content-Disposition')).toBe(
      `attachment; filename="gr__e _1_.txt"; filename*=UTF-8''gr%C3%B6%C3%9Fe%20%221%22.txt`,
    );
  });

  it('routes paths with line breaks too', async () => {
    const { client } = await fileWorld({ [runObjectKey(id, 'artifacts.tar.gz')]: archive() });
    expect(await client.get('/workflow/r/artifacts/a%0D%0Ab')).toMatchObject({
      body: { code: 'object_not_found' },
    });
  });

  it.each(['nothing.txt', '..%2f..%2fetc%2fpasswd', 'out', '%00'])('has no file %s', async (path) => {
    const { client } = await fileWorld({ [runObjectKey(id, 'artifacts.tar.gz')]: archive() });
    expect(await client.get(`/workflow/r/artifacts/${path}`)).toMatchObject({
      status: 404,
      body: { code: 'object_not_found' },
    });
  });

  it('reports a damaged archive', async () => {
    const { client } = await fileWorld({ [runObjectKey(id, 'artifacts.tar.gz')]: 'x'.repeat(5000) });
    expect(await client.get('/workflow/r/artifacts/x')).toMatchObject({
      status: 404,
      body: { code: 'object_not_found', error: 'The archive of the artifacts is damaged.' },
    });
  });

  it('returns all files', async () => {
    const bytes = archive();
    const { client } = await fileWorld({ [runObjectKey(id, 'artifacts.tar.gz')]: bytes });
    const response = await client.raw('/workflow/r/artifacts.tar.gz');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).toBe(true);
    expect(response.headers.get('Content-Type')).toBe('application/gzip');
  });
});
