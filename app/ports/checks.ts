import type { GithubTarget, Run } from '../core/model/run.ts';

/** Where a run is shown to those who wait for it: check runs on GitHub. */
export interface Checks {
  /**
   * Makes what is shown equal to what the run is. Idempotent: a check run that was made before a crash is found by
   * its external id, the run's.
   *
   * @returns what to remember of it; `retryAt` where it could not be done now.
   */
  publish(run: Run, target: GithubTarget): Promise<{ target: GithubTarget; retryAt?: Date }>;
}
