/** The content of a check run on GitHub. */
export interface CheckView {
  readonly name: string;
  readonly status: 'queued' | 'in_progress' | 'completed';
  readonly conclusion?: 'success' | 'failure' | 'neutral' | 'cancelled' | 'timed_out' | 'action_required';
  readonly title: string;
  /** Markdown; what happened and what to do, on one screen. At most 65,535 bytes. */
  readonly summary: string;
  /** Markdown; every failed test and the end of the log. At most 65,535 bytes. */
  readonly text: string;
  readonly annotations: readonly CheckAnnotation[];
  readonly actions: readonly CheckAction[];
  readonly detailsUrl: string;
  readonly startedAt?: Date;
  readonly completedAt?: Date;
}

/** A button: label and identifier of at most 20 characters, description of at most 40. */
export interface CheckAction {
  readonly label: string;
  readonly identifier: 'retest' | 'retest-failed' | 'cancel' | 'release' | 'approve';
  readonly description: string;
}

/** A failure marked on the line where it happened. */
export interface CheckAnnotation {
  /** Relative to the repository. */
  readonly path: string;
  readonly line: number;
  readonly level: 'failure';
  /** At most 255 characters. */
  readonly title: string;
  readonly message: string;
  readonly details?: string;
}

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
