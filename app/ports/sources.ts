import type { JobSource } from '../domain/job.ts';
import type { Run } from '../domain/run.ts';

/** Turns what a run is to fetch into what its job says, with the credentials that it takes. */
export interface Sources {
  /** @throws BerthError where no credentials can be had. */
  resolve(run: Run): Promise<{ source: JobSource; secretEnv: Readonly<Record<string, string>> }>;
}
