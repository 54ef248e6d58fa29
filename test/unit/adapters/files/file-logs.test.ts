import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileLogs, logPath } from '../../../../app/adapters/files/file-logs.ts';
import { runId } from '../../../../app/core/model/ids.ts';
import type { Run } from '../../../../app/core/model/run.ts';
import { timeMark } from '../../../../app/lib/log/log-time.ts';
import { describeLogs } from '../../../contract/logs.ts';
import { aRun } from '../../../helpers/a-run.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

async function append(dataDir: string, run: Run, text: string | Uint8Array): Promise<void> {
  await mkdir(dirname(logPath(dataDir, run.id)), { recursive: true });
  await appendFile(logPath(dataDir, run.id), text);
}

describeLogs('a directory of files', async () => {
  const directory = await temporaryDirectory();
  return {
    logs: fileLogs({ dataDir: directory.path }),
    write: (run, lines) => append(directory.path, run, lines.map((line) => `${line}\n`).join('')),
    close: () => directory.remove(),
  };
});

describe('logs in files', () => {
  let directory: TemporaryDirectory;
  let logs: ReturnType<typeof fileLogs>;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    logs = fileLogs({ dataDir: directory.path });
  });
  afterAll(() => directory.remove());

  const write = (run: Run, text: string | Uint8Array) => append(directory.path, run, text);
  const running = (id: string) => aRun({ id: runId(id), state: 'running' });
  const ended = (run: Run): Run => ({ ...run, state: 'failed' });

  it('hold back a line until it or the run ends', async () => {
    const run = running('partial');
    await write(run, 'whole\nhal');
    const first = await logs.read(run, undefined, 10);
    expect(first.lines).toEqual([{ text: 'whole' }]);
    expect((await logs.read(ended(run), first.cursor, 10)).lines).toEqual([{ text: 'hal' }]);
    await write(run, 'f\n');
    expect((await logs.read(run, first.cursor, 10)).lines).toEqual([{ text: 'half' }]);
  });

  it('have the times of the marks, even from a cursor between two marks', async () => {
    const run = ended(running('times'));
    const [early, late] = [1_900_000_000_000, 1_900_000_000_250];
    await write(run, `before\n${timeMark(early)}one\ntwo\n${timeMark(late)}three\n`);
    const all = await logs.read(run, undefined, 10);
    expect(all.lines).toEqual([
      { text: 'before' },
      { text: 'one', at: new Date(early) },
      { text: 'two', at: new Date(early) },
      { text: 'three', at: new Date(late) },
    ]);
    const { cursor } = await logs.read(run, undefined, 2);
    expect((await logs.read(run, cursor, 10)).lines).toEqual(all.lines.slice(2));
  });

  it('keep what only looks like a mark', async () => {
    const run = ended(running('no-marks'));
    const lines = [
      '\u001b_berth;t=soon\u001b\\text',
      '\u001b_berth;t=1900000000000',
      `x${timeMark(1_900_000_000_000)}`,
    ];
    await write(run, lines.map((line) => `${line}\n`).join(''));
    expect((await logs.read(run, undefined, 10)).lines).toEqual(lines.map((text) => ({ text })));
  });

  it('keep a character that was written in two parts', async () => {
    const run = running('split-character');
    const bytes = Buffer.from('ship 🚢\n');
    await write(run, bytes.subarray(0, 7));
    const first = await logs.read(run, undefined, 10);
    expect(first.lines).toEqual([]);
    await write(run, bytes.subarray(7));
    expect((await logs.read(run, first.cursor, 10)).lines).toEqual([{ text: 'ship 🚢' }]);
  });

  it('keep empty lines, carriage returns, and bytes that are not UTF-8', async () => {
    const run = running('odd-bytes');
    await write(run, Buffer.concat([Buffer.from('\n10 %\r20 %\r\n'), Buffer.from([0x61, 0xff, 0x62, 0x0a])]));
    expect((await logs.read(run, undefined, 10)).lines.map(({ text }) => text)).toEqual([
      '',
      '10 %\r20 %\r',
      'a\ufffdb',
    ]);
  });

  it('return a line of several megabytes in pieces that add up to it', async () => {
    const run = ended(running('endless-line'));
    const line = 'ü🚢x'.repeat(500_000);
    await write(run, line);
    const page = await logs.read(run, undefined, 100);
    expect(page.complete).toBe(true);
    expect(page.lines.length).toBeGreaterThan(1);
    expect(page.lines.map(({ text }) => text).join('') === line).toBe(true);
  });

  it('are read in pages of a few megabytes, however many lines are requested', async () => {
    const run = ended(running('large'));
    const line = `${'x'.repeat(1023)}\n`;
    for (let megabytes = 0; megabytes < 100; megabytes += 10) await write(run, line.repeat(10 * 1024));
    const before = process.memoryUsage().rss;
    let lines = 0;
    let mostInPage = 0;
    for (let cursor: string | undefined, complete = false; !complete; ) {
      const page = await logs.read(run, cursor, Number.MAX_SAFE_INTEGER);
      lines += page.lines.length;
      mostInPage = Math.max(mostInPage, page.lines.length);
      ({ cursor, complete } = page);
    }
    expect(lines).toBe(100 * 1024);
    expect(mostInPage).toBeLessThanOrEqual(4 * 1024);
    expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(100);
  });

  it.each(['-1', '1.5', '1.19000000000001', 'x', '', ' 1', '99999999999999999999', '1e3'])(
    'reject the cursor %j',
    async (cursor) => {
      await expect(logs.read(running('cursor'), cursor, 10)).rejects.toMatchObject({
        code: 'cursor_invalid',
      });
    },
  );

  it('have nothing after the end, for any cursor', async () => {
    const run = ended(running('beyond'));
    await write(run, 'one\n');
    expect(await logs.read(run, '1000', 10)).toEqual({ lines: [], cursor: '1000', complete: true });
  });

  it('have no console page', () => {
    expect(logs.consoleUrl(running('console'))).toBeUndefined();
  });
});
