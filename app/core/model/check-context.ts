/** What a reader of the check needs to know beside the run itself. */
export interface CheckContext {
  readonly links: CheckLinks;
  /** Who has the stacks that the run waits for; absent where it does not wait. */
  readonly holders?: readonly { readonly stackName: string; readonly heldBy: string; readonly since: Date }[];
}

export interface CheckLinks {
  /** The run's page: where the log can be followed while it runs. */
  readonly run: string;
  readonly report?: string;
  /** The log in the provider's own console. */
  readonly console?: string;
}
