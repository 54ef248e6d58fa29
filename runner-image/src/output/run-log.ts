import type { Writable } from 'node:stream';
import { timeMark } from '../../../app/lib/log/log-time.ts';
import { createLogTail, type LogTail } from './log-tail.ts';

/** The run's log: it goes to the runner's stdout, and its end to the report. */
export interface RunLog {
  /** Writes a line of the runner, with a prefix that distinguishes it from the command's output. */
  say(text: string): void;
  /** Writes whole lines. @returns when the reader can take more. */
  write(block: Buffer): Promise<void>;
  /** @returns when the reader has everything, or `signal` fires. */
  flushed(signal: AbortSignal): Promise<void>;
  readonly tail: LogTail;
  /** Number of bytes written. */
  readonly bytes: number;
  /** Ends the log after this many bytes, except for lines of the runner. Its tail continues. */
  limit(maxBytes: number): void;
  /** Whether lines of the command are missing. */
  readonly isCut: boolean;
}

/** Lines within this time have one mark: their order says the rest. */
const markEveryMs = 100;
const lineFeed = 0x0a;
const ownLinePrefix = '[berth] ';

/** The last line of a log that reached its limit, and the warning of its run. */
export function cutText(maxBytes: number): string {
  const mib = Math.max(1, Math.round(maxBytes / 1024 / 1024));
  return `The log reached its limit of ${mib} MiB. The command continues; the rest of its output is not kept.`;
}

/**
 * @param out the runner's stdout. A reader that closes it does not end the run.
 * @param now writes the times of lines into the log; omitted where what reads the log records them.
 */
export function createRunLog(out: Writable, now?: () => Date): RunLog {
  const tail = createLogTail();
  let isClosed = false;
  let bytes = 0;
  let most = Number.POSITIVE_INFINITY;
  let isCut = false;
  let markedAt = 0;
  let isLineStart = true;
  out.on('error', () => {
    isClosed = true;
  });

  function send(block: Buffer): boolean {
    tail.push(block);
    bytes += block.length;
    if (isClosed || out.destroyed) return true;
    mark();
    isLineStart = block.at(-1) === lineFeed;
    return out.write(block);
  }

  function mark(): void {
    const time = now?.().getTime() ?? 0;
    if (time < markedAt + markEveryMs || !isLineStart) return;
    markedAt = time;
    out.write(timeMark(time));
  }

  function say(text: string): void {
    const lines = text.split('\n').map((line) => ownLinePrefix + line);
    send(Buffer.from(`${lines.join('\n')}\n`));
  }

  return {
    tail,
    get bytes() {
      return bytes;
    },
    get isCut() {
      return isCut;
    },
    limit(maxBytes) {
      most = maxBytes;
    },
    say,
    async write(block) {
      if (!isCut && bytes + block.length > most) {
        isCut = true;
        say(cutText(most));
      }
      if (isCut) tail.push(block);
      else if (!send(block)) await room(out);
    },
    flushed(signal) {
      if (isClosed || out.destroyed || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        out.write('', () => resolve());
      });
    },
  };
}

function room(out: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      for (const event of ['drain', 'error', 'close']) out.off(event, done);
      resolve();
    };
    for (const event of ['drain', 'error', 'close']) out.once(event, done);
  });
}
