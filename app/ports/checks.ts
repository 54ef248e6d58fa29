import type { GithubTarget, Run } from '../core/model/run.ts';

/** Where a run is shown to those who wait for it: check runs on GitHub. */
export interface Checks {
  /**
   * Makes what is shown equal to what the run is.
   *
   * @param options.mayExist an earlier call may have made the check run although its answer was lost: it is looked for
   *   by its external ID, the run's.
   * @throws Error if GitHub cannot be reached, or refuses. To be tried again.
   */
  publish(run: Run, target: GithubTarget, options?: { readonly mayExist?: boolean }): Promise<PublishResult>;
}

export interface PublishResult {
  /** The identity of the check run, to be stored. */
  readonly target: GithubTarget;
  /** When to publish again: GitHub asked to wait, so that nothing, or only a part, was done. Not a failed attempt. */
  readonly retryAt?: Date;
}
