import { gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { Header } from 'tar';
import { runId } from '../../../app/core/model/ids.ts';
import { reportKey, runObjectKey } from '../../../app/core/model/run-keys.ts';
import { aRun } from '../../helpers/a-run.ts';
import { fakeLog } from '../http/fake-log.ts';
import { type FunctionWorld, functionWorld, textOf } from './function-world.ts';
import { functionUrlEvent, httpApiEvent } from './gateway-events.ts';

/** The maximum size of a function's response. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const mostOfFunction = 6 * 1024 * 1024;
const id = runId('large');

/** A `.tar.gz` of files of as many zeros. */
function archiveOf(files: Readonly<Record<string, number>>): Uint8Array {
  const blocks = Object.entries(files).flatMap(([path, size]) => {
    const header = Buffer.alloc(512);
    new Header({ path, size, type: 'File', mode: 0o644, mtime: new Date(0) }).encode(header);
    return [header, Buffer.alloc(Math.ceil(size / 512) * 512)];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

describe.each([
  ['an HTTP API of API Gateway', httpApiEvent],
  ['a function URL', functionUrlEvent],
])("a response above the function's limit, behind %s", (_name, eventOf) => {
  let w: FunctionWorld;
  const get = (path: string, query?: string) =>
    w.answer({ path, headers: { 'x-api-key': w.apiKey }, ...(query === undefined ? {} : { query }) });

  beforeEach(async () => {
    w = await functionWorld(eventOf);
    await w.deps.store.runs.create(aRun({ id, projectId: w.shop.id, state: 'failed' }));
  });

  it('redirects to the bucket', async () => {
    w.deps.objects.get = async () => ({
      body: new Blob(['<h1>']).stream(),
      sizeBytes: 64 * 1024 * 1024,
      contentType: 'text/html',
    });
    expect(await get('/workflow/large/report')).toMatchObject({
      statusCode: 302,
      headers: { location: `memory:GET:${reportKey(id)}` },
    });
  });

  it.each([
    ['plain', (line: number) => `line ${line} ${'x'.repeat(400)}`],
    ['coloured', (line: number) => `line ${line} ${'\u001b[0m'.repeat(75)}`],
  ])('comes in parts for a %s log, each with the URL of the next', async (_kind, textOfLine) => {
    const lines = Array.from({ length: 30_000 }, (_, line) => textOfLine(line));
    const log = fakeLog();
    log.write(...lines);
    w.deps.logs.read = log.logs.read;
    const read: string[] = [];
    let parts = 0;
    for (let query: string | undefined = 'format=text'; query !== undefined && parts < 20; parts += 1) {
      const part = await get('/workflow/large/logs', query);
      expect(part.statusCode).toBe(200);
      expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(mostOfFunction);
      const text = textOf(part);
      expect(text.endsWith('\n')).toBe(true);
      const partLines = text.slice(0, -1).split('\n');
      const next = /^\[berth\] The log continues: (\S+)$/.exec(partLines.at(-1) ?? '')?.[1];
      query = next === undefined ? undefined : new URL(next).search.slice(1);
      if (next !== undefined) {
        expect(next).toMatch('https://berth.example/workflow/large/logs?format=text&cursor=');
        partLines.pop();
      }
      read.push(...partLines);
    }
    expect(parts).toBeGreaterThan(1);
    expect(read.length).toBe(lines.length);
    expect(read.every((line, index) => line === lines[index])).toBe(true);
  });

  it('is rejected for one artifact, with the URL of the archive; smaller ones are not', async () => {
    const archive = archiveOf({ 'out/large.bin': 5_000_000, 'out/small.bin': 5 });
    w.deps.objects.get = async (key) =>
      key === runObjectKey(id, 'artifacts.tar.gz')
        ? { body: new Blob([archive]).stream(), sizeBytes: archive.length, contentType: 'application/gzip' }
        : undefined;
    const refused = await get('/workflow/large/artifacts/out/large.bin');
    expect(refused.statusCode).toBe(422);
    expect(textOf(refused)).toContain('"file_too_large"');
    expect(textOf(refused)).toContain('https://berth.example/workflow/large/artifacts.tar.gz');
    expect(await get('/workflow/large/artifacts/out/small.bin')).toMatchObject({ statusCode: 200 });
  });
});
