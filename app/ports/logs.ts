import type { Run } from '../core/model/run.ts';

/** The output of a run's task, unchanged. */
export interface Logs {
  /**
   * Lines after a cursor.
   *
   * @param cursor from an earlier answer; if omitted, from the beginning.
   * @param limit the most lines to return.
   * @param service the log of this service of the run, instead of its task.
   * @returns `cursor` to continue from, whether or not there were lines; `complete` if the run has ended and these
   *   are its last lines.
   */
  read(run: Run, cursor: string | undefined, limit: number, service?: string): Promise<LogPage>;
  /** Returns the address of the log in the provider's console, for people with access; undefined if it has no console. */
  consoleUrl(run: Run): string | undefined;
}

export interface LogLine {
  /** When the line arrived. If omitted, the log does not say. */
  readonly at?: Date;
  readonly text: string;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly cursor: string;
  readonly complete: boolean;
}
