import type { JobSource } from '../core/model/job.ts';
import type { Run } from '../core/model/run.ts';

/** Resolves the source of a run for its job, with the credentials to fetch it. */
export interface Sources {
  /** @throws BerthError if no credentials are available. */
  resolve(run: Run): Promise<{ source: JobSource; secretEnv: Readonly<Record<string, string>> }>;
}

/** Compares two commits of the repository that a run comes from. */
export interface Differences {
  /**
   * Lists the files that differ between two commits, wherever these are in the history. A renamed file is listed under
   * both of its names.
   *
   * @returns undefined if the difference cannot be determined.
   */
  between(run: Run, base: string, head: string): Promise<readonly string[] | undefined>;
}
