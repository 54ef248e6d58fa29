import { BerthError } from '../../../app/core/model/errors.ts';
import type { LogLine, Logs } from '../../../app/ports/logs.ts';

/** A log that grows when a test says so; cursors are line numbers. */
export interface FakeLog {
  readonly logs: Logs;
  /** Reads so far, by cursor. */
  readonly reads: (string | undefined)[];
  write(...texts: string[]): void;
  /** The run has ended: what is there now is all there will be. */
  finish(): void;
}

export function fakeLog(): FakeLog {
  const lines: LogLine[] = [];
  const reads: (string | undefined)[] = [];
  let finished = false;
  return {
    reads,
    write: (...texts) => void lines.push(...texts.map((text) => ({ text }))),
    finish: () => {
      finished = true;
    },
    logs: {
      async read(_run, cursor, limit) {
        reads.push(cursor);
        const start = Number(cursor ?? 0);
        if (!Number.isInteger(start)) throw new BerthError('cursor_invalid', 'The cursor is invalid.');
        const page = lines.slice(start, start + limit);
        const next = start + page.length;
        return { lines: page, cursor: String(next), complete: finished && next === lines.length };
      },
      consoleUrl: () => undefined,
    },
  };
}
