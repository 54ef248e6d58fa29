import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runId } from '../../app/core/model/ids.ts';
import type { Run } from '../../app/core/model/run.ts';
import type { LogPage, Logs } from '../../app/ports/logs.ts';
import { aRun } from '../helpers/a-run.ts';

export interface LogsUnderTest {
  readonly logs: Logs;
  /** Lets the run's task write these lines. */
  write(run: Run, lines: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** The contract of every log source. */
export function describeLogs(name: string, setup: () => Promise<LogsUnderTest>): void {
  describe(`${name} as a source of logs`, () => {
    let subject: LogsUnderTest;
    beforeAll(async () => {
      subject = await setup();
    });
    afterAll(() => subject.close());

    const running = (id: string) =>
      aRun({ id: runId(id), state: 'running', launches: 1, startedAt: new Date() });
    const ended = (run: Run): Run => ({ ...run, state: 'succeeded', finishedAt: new Date() });
    const texts = (page: LogPage) => page.lines.map(({ text }) => text);

    /** Reads all pages, as a client that follows the log of an ended run does. */
    async function readAll(run: Run, limit: number, from?: string): Promise<readonly string[]> {
      const page = await subject.logs.read(run, from, limit);
      return page.complete ? texts(page) : [...texts(page), ...(await readAll(run, limit, page.cursor))];
    }

    it('returns nothing for a task without output', async () => {
      const run = running('log-silent');
      const page = await subject.logs.read(run, undefined, 10);
      expect(page).toMatchObject({ lines: [], complete: false });
      expect(await subject.logs.read(run, page.cursor, 10)).toMatchObject({ lines: [], complete: false });
    });

    it('returns the lines in order', async () => {
      const run = running('log-order');
      await subject.write(run, ['one', 'two', 'three']);
      expect(texts(await subject.logs.read(run, undefined, 10))).toEqual(['one', 'two', 'three']);
    });

    it('continues from a cursor with new lines', async () => {
      const run = running('log-cursor');
      await subject.write(run, ['one', 'two']);
      const first = await subject.logs.read(run, undefined, 10);
      expect(texts(await subject.logs.read(run, first.cursor, 10))).toEqual([]);
      await subject.write(run, ['three']);
      expect(texts(await subject.logs.read(run, first.cursor, 10))).toEqual(['three']);
    });

    it('finds later lines with the cursor of an empty page', async () => {
      const run = running('log-early-cursor');
      const { cursor } = await subject.logs.read(run, undefined, 10);
      await subject.write(run, ['first']);
      expect(texts(await subject.logs.read(run, cursor, 10))).toEqual(['first']);
    });

    it('returns at most the requested lines, and the rest page by page', async () => {
      const run = running('log-pages');
      const lines = Array.from({ length: 25 }, (_, index) => `line ${index}`);
      await subject.write(run, lines);
      expect((await subject.logs.read(run, undefined, 10)).lines).toHaveLength(10);
      expect(await readAll(ended(run), 10)).toEqual(lines);
    });

    it('is complete only after the run has ended and everything was read', async () => {
      const run = running('log-complete');
      await subject.write(run, ['one', 'two']);
      expect((await subject.logs.read(run, undefined, 10)).complete).toBe(false);
      expect((await subject.logs.read(ended(run), undefined, 1)).complete).toBe(false);
      expect(await readAll(ended(run), 10)).toEqual(['one', 'two']);
    });

    it('keeps characters of every language, tabs, colors, and spaces unchanged', async () => {
      const run = running('log-characters');
      const lines = ['Grüße, 世界 🚢', '\tindented\t', '\u001b[31mred\u001b[0m', '  two blanks  '];
      await subject.write(run, lines);
      expect(texts(await subject.logs.read(run, undefined, 10))).toEqual(lines);
    });

    it('keeps the logs of runs apart', async () => {
      await subject.write(running('log-mine'), ['mine']);
      await subject.write(running('log-mine-too'), ['also mine']);
      expect(texts(await subject.logs.read(running('log-mine'), undefined, 10))).toEqual(['mine']);
    });
  });
}
