import type { JobSource } from '../core/model/job.ts';
import type { Run } from '../core/model/run.ts';

/** Turns what a run is to fetch into what its job says, with the credentials that it takes. */
export interface Sources {
  /** @throws BerthError if no credentials are available. */
  resolve(run: Run): Promise<{ source: JobSource; secretEnv: Readonly<Record<string, string>> }>;
}
