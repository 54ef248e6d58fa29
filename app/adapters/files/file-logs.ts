import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { BerthError } from '../../core/model/errors.ts';
import type { RunId } from '../../core/model/ids.ts';
import { isTerminal } from '../../core/model/run-state.ts';
import { readTimeMark } from '../../lib/log/log-time.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LogLine, Logs } from '../../ports/logs.ts';
import { absent } from './read-if-exists.ts';

const lineFeed = 0x0a;
const chunkBytes = 64 * 1024;
/** The maximum size of a page, however many lines the request has. */
const pageBytes = 4 * 1024 * 1024;
/** Longer lines are split at this size: some programs never write a line feed. */
const longestLineBytes = 1024 * 1024;

/** The path of a run's output: what its tasks wrote, one task after the other, with marks of the time. */
export function logPath(dataDir: string, id: RunId): string {
  return join(dataDir, 'logs', `${id}.log`);
}

/** Where the output of a service of a run is. */
export function serviceLogPath(dataDir: string, id: RunId, service: string): string {
  return join(serviceLogs(dataDir, id), `${service}.log`);
}

/** The directory of the logs of a run's services. */
export function serviceLogs(dataDir: string, id: RunId): string {
  return join(dataDir, 'logs', 'services', id);
}

/**
 * {@link Logs} from files that executors write. A cursor is the number of bytes that were read and, where the log has times,
 * the time of the last line.
 */
export function fileLogs({ dataDir }: { readonly dataDir: string }): Logs {
  return {
    async read(run, cursor, limit, service) {
      const { offset: from, time: timeBefore } = positionOf(cursor);
      const ended = isTerminal(run.state);
      const path =
        service === undefined ? logPath(dataDir, run.id) : serviceLogPath(dataDir, run.id, service);
      const file = await open(path, 'r').catch(absent);
      if (file === undefined) return { lines: [], cursor: cursor ?? '0', complete: ended };
      try {
        const lines: LogLine[] = [];
        let next = from;
        let time = timeBefore;
        const nextCursor = () => (time === undefined ? String(next) : `${next}.${time}`);
        for await (const line of linesFrom(file, from, ended)) {
          const marked = readTimeMark(line.bytes.toString('utf8'));
          time = marked.time ?? time;
          lines.push(
            omitUndefined({ text: marked.text, at: time === undefined ? undefined : new Date(time) }),
          );
          next = line.next;
          const full = lines.length >= limit || next - from >= pageBytes;
          if (full) return { lines, cursor: nextCursor(), complete: false };
        }
        return { lines, cursor: nextCursor(), complete: ended };
      } finally {
        await file.close();
      }
    },

    consoleUrl: () => undefined,
  };
}

interface RawLine {
  readonly bytes: Buffer;
  /** Where the line after it begins. */
  readonly next: number;
}

/**
 * Reads lines from an offset. Text after the last line feed counts as a line only after the end of the run: until
 * then the rest of it may still come.
 */
async function* linesFrom(file: FileHandle, from: number, ended: boolean): AsyncGenerator<RawLine> {
  const chunk = Buffer.alloc(chunkBytes);
  let start = from;
  let rest = Buffer.alloc(0);
  const take = (length: number, separator: number): RawLine => {
    const bytes = rest.subarray(0, length);
    rest = rest.subarray(length + separator);
    start += length + separator;
    return { bytes, next: start };
  };

  for (;;) {
    const { bytesRead } = await file.read(chunk, 0, chunkBytes, start + rest.length);
    if (bytesRead === 0) break;
    rest = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
    for (let end = rest.indexOf(lineFeed); end >= 0; end = rest.indexOf(lineFeed)) yield take(end, 1);
    if (rest.length > longestLineBytes) yield take(wholeCharacters(rest, longestLineBytes), 0);
  }
  if (ended && rest.length > 0) yield take(rest.length, 0);
}

/** The greatest length up to `length` that does not split a UTF-8 character. */
function wholeCharacters(bytes: Buffer, length: number): number {
  for (let cut = length; cut > length - 4; cut--) {
    const isContinuation = ((bytes[cut] ?? 0) & 0xc0) === 0x80;
    if (!isContinuation) return cut;
  }
  return length;
}

/** @throws BerthError `cursor_invalid` for a cursor that no page can have returned. */
function positionOf(cursor: string | undefined): { readonly offset: number; readonly time?: number } {
  if (cursor === undefined) return { offset: 0 };
  const [, digits, time] = /^(\d+)(?:\.(\d{13}))?$/.exec(cursor) ?? [];
  const offset = Number(digits);
  if (!Number.isSafeInteger(offset)) {
    throw new BerthError('cursor_invalid', 'this is not the cursor of a log', {
      hint: 'Use the cursor of the previous page, or omit it to begin at the first line.',
    });
  }
  return omitUndefined({ offset, time: time === undefined ? undefined : Number(time) });
}
