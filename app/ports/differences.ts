import type { Run } from '../core/model/run.ts';

/** Compares two commits of the repository that a run comes from. */
export interface Differences {
  /**
   * Lists the files that differ between two commits, wherever these are in the history; a file that was renamed under
   * both of its names.
   *
   * @returns undefined if that cannot be found out.
   */
  between(run: Run, base: string, head: string): Promise<readonly string[] | undefined>;
}
