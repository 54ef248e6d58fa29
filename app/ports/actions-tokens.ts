/** The claims of a GitHub Actions token about its job. */
export interface ActionsIdentity {
  /** `owner/name`, as it is now. */
  readonly repository: string;
  /** The numeric ID of the repository, which no later repository of the same name has. */
  readonly repositoryId: number;
  /** The numeric ID of its owner. */
  readonly repositoryOwnerId?: number;
  /** The event that started the workflow, such as `push`. */
  readonly event?: string;
  /** The environment of the job, if it has one. */
  readonly environment?: string;
  /** The path of the workflow file in its repository. */
  readonly workflowFile?: string;
  /** The full ref that the workflow runs for: `refs/heads/main`, `refs/pull/7/merge`. */
  readonly ref: string;
  /** The login of the person who started the workflow. */
  readonly actor: string;
  /** The ID of the workflow run: all its jobs have the same. */
  readonly workflowRunId: string;
}

/**
 * Proves a token of GitHub Actions: its signature, its issuer, that it is meant for us, and that it has not ended.
 *
 * @throws BerthError `unauthorized` with the reason, where it proves nothing.
 */
export type VerifyActionsToken = (token: string) => Promise<ActionsIdentity>;
