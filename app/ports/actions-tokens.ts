/** The claims of a GitHub Actions token about its job. */
export interface ActionsIdentity {
  /** `owner/name`, its current name. */
  readonly repository: string;
  /** The numeric ID of the repository. A later repository with the same name has another one. */
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
  /** The ID of the workflow run, which all its jobs share. */
  readonly workflowRunId: string;
}

/**
 * Verifies a token of GitHub Actions: its signature, issuer, audience, and expiration.
 *
 * @throws BerthError `unauthorized` with the reason if the token is not valid.
 */
export type VerifyActionsToken = (token: string) => Promise<ActionsIdentity>;
