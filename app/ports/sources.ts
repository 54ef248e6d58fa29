import type { JobSource } from '../core/model/job.ts';
import type { Run } from '../core/model/run.ts';

/** Resolves the source of a run for its job, with the credentials to fetch it. */
export interface Sources {
  /** @throws BerthError if no credentials are available. */
  resolve(run: Run): Promise<{ source: JobSource; secretEnv: Readonly<Record<string, string>> }>;
}
