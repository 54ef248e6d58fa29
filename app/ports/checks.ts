import type { GithubTarget, Run } from '../core/model/run.ts';

/** Shows runs to people: check runs on GitHub. */
export interface Checks {
  /**
   * Updates the check run to match the run.
   *
   * @param options.mayExist an earlier call may have created the check run although its answer was lost. Looks for it
   *   by its external ID, which is the ID of the run.
   * @param options.addressed returns the target with the current address of its repository. Used only if GitHub is called.
   * @throws Error if GitHub cannot be reached, or refuses. The caller retries.
   */
  publish(run: Run, target: GithubTarget, options?: PublishOptions): Promise<PublishResult>;
}

export interface PublishOptions {
  readonly mayExist?: boolean;
  readonly addressed?: (target: GithubTarget) => Promise<GithubTarget>;
}

export interface PublishResult {
  /** The ID of the check run, for the caller to store. */
  readonly target: GithubTarget;
  /** When to publish again: GitHub asked to wait, and nothing or only a part was published. Not a failed attempt. */
  readonly retryAt?: Date;
}
