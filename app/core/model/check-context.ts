/** The facts that a check shows in addition to the run itself. */
export interface CheckContext {
  readonly links: CheckLinks;
  /** The holders of the stacks that the run waits for. If omitted, the run does not wait. */
  readonly holders?: readonly { readonly stackName: string; readonly heldBy: string; readonly since: Date }[];
}

interface CheckLinks {
  /** The run's page, with the live log. */
  readonly run: string;
  readonly report?: string;
  /** The log in the provider's own console. */
  readonly console?: string;
}
