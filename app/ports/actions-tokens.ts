/** What a token of GitHub Actions says of the job that shows it. */
export interface ActionsIdentity {
  /** `owner/name`, as it is now. */
  readonly repository: string;
  /** Of the repository, and of no other that has its name later. */
  readonly repositoryId: number;
  /** The full ref that the workflow runs for: `refs/heads/main`, `refs/pull/7/merge`. */
  readonly ref: string;
  /** The login of whoever started the workflow. */
  readonly actor: string;
  /** Of the workflow's run: all its jobs have the same. */
  readonly workflowRunId: string;
}

/**
 * Proves a token of GitHub Actions: its signature, its issuer, that it is meant for us, and that it has not ended.
 *
 * @throws BerthError `unauthorized` with the reason, where it proves nothing.
 */
export type VerifyActionsToken = (token: string) => Promise<ActionsIdentity>;
