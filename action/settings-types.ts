import type { Workflow, WorkflowRequest } from '../app/client/api-types.ts';

/** The inputs of a step, checked and complete. */
export type Settings = Connection &
  Operation & {
    /** Inputs with a value that the operation does not read. */
    readonly unused: readonly string[];
  };

export interface Connection {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  /** If omitted, the step authenticates with an OIDC token. */
  readonly apiKey?: string;
  readonly oidcAudience: string;
  readonly project?: string;
}

export type Operation =
  | RunSettings
  | RequestStackSettings
  | ({ readonly operation: 'release-stack' } & StackChoice)
  | ({ readonly operation: 'set-last-deployed-commit'; readonly commit: string } & StackChoice)
  | StatusSettings
  | { readonly operation: 'cancel'; readonly workflowId: string; readonly wait: boolean };

export type Conclusion = NonNullable<Workflow['conclusion']>;

/** The request for a run; the idempotency key is made of it. */
export type RunRequest = Omit<WorkflowRequest, 'idempotency_key'> & { readonly suite: string };

/** The commit, and the pull request if there is one, that shows a run on GitHub. */
export interface GithubTarget {
  readonly token: string;
  readonly sha: string | undefined;
  readonly pullRequest: number | undefined;
}

export interface RunSettings extends Showing {
  readonly operation: 'run';
  readonly request: RunRequest;
  readonly wait: boolean;
  readonly waitForStack: WaitForStack;
  /** The parts of the idempotency key that identify this step. */
  readonly stepKey: readonly string[];
  /** Where to report the run on GitHub; undefined without `github-token` or for another repository. */
  readonly github: GithubTarget | undefined;
}

export interface StatusSettings extends Showing {
  readonly operation: 'status';
  readonly workflowId: string;
  readonly wait: boolean;
}

export interface RequestStackSettings {
  readonly operation: 'request-stack';
  readonly branch: string;
  /** If omitted, a new name. */
  readonly holder?: string;
  readonly waitForStack: WaitForStack;
  readonly leaseSeconds?: number;
  readonly releaseAtEnd: boolean;
}

export interface StackChoice {
  readonly stackName: string;
  readonly lockToken?: number;
}

/** How a run is shown, and which results fail the step. */
export interface Showing {
  readonly failOn: ReadonlySet<Conclusion>;
  readonly logs: 'stream' | 'on-failure' | 'none';
  readonly annotations: number;
  readonly summary: boolean;
}

/** Whether to wait for a stack, or the maximum number of seconds to wait. */
export type WaitForStack = boolean | number;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that pass a requested stack to the steps that follow. */
export const stackVariables = {
  name: 'BERTH_STACK',
  holder: 'BERTH_STACK_HOLDER',
  token: 'BERTH_STACK_LOCK_TOKEN',
} as const;
