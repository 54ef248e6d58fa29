import type { Writable } from 'node:stream';
import { createLogTail, type LogTail } from './log-tail.ts';

/** The run's log: what goes to the runner's stdout, and its end for the report. */
export interface RunLog {
  /** Writes one line of the runner's own, with the prefix that sets it apart from the command's output. */
  say(text: string): void;
  /** Writes whole lines. @returns once the reader has room for more. */
  write(block: Buffer): Promise<void>;
  /** @returns once everything is with the reader, or `signal` fires. */
  flushed(signal: AbortSignal): Promise<void>;
  readonly tail: LogTail;
  /** How much was written so far. */
  readonly bytes: number;
}

export const ownLinePrefix = '[berth] ';

/**
 * @param out the runner's stdout; a reader that has gone away does not end the run.
 */
export function createRunLog(out: Writable): RunLog {
  const tail = createLogTail();
  let isClosed = false;
  let bytes = 0;
  out.on('error', () => {
    isClosed = true;
  });

  function send(block: Buffer): boolean {
    tail.push(block);
    bytes += block.length;
    return isClosed || out.destroyed || out.write(block);
  }

  return {
    tail,
    get bytes() {
      return bytes;
    },
    say(text) {
      send(
        Buffer.from(
          `${text
            .split('\n')
            .map((line) => ownLinePrefix + line)
            .join('\n')}\n`,
        ),
      );
    },
    async write(block) {
      if (!send(block)) await room(out);
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
