/**
 * What the action sends to Berth and reads of its answers. `test/unit/action/berth-api-contract.ts` compiles only where the
 * schemas of `app/http` say the same.
 */

export interface WorkflowRequest {
  readonly repo_url: string;
  readonly branch: string;
  readonly test_command: string;
  readonly suite: string;
  readonly sha?: string;
  readonly setup?: string;
  readonly teardown?: string;
  readonly stack?: boolean | string;
  readonly holder?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly timeout_seconds?: number;
  readonly cpu?: number;
  readonly memory?: number;
  readonly image?: string;
  readonly junit?: readonly string[];
  readonly artifacts?: readonly string[];
  readonly retries?: number;
}

export interface WorkflowStarted {
  readonly workflow_id: string;
  readonly run_url: string;
}

export type WorkflowState =
  | 'queued'
  | 'waiting'
  | 'provisioning'
  | 'running'
  | 'succeeded'
  | 'failed'
  | 'errored'
  | 'timed_out'
  | 'cancelled'
  | 'skipped';

export const conclusions = ['success', 'failure', 'error', 'timed_out', 'cancelled', 'skipped'] as const;
export type Conclusion = (typeof conclusions)[number];

export interface WorkflowStatus {
  readonly workflow_id: string;
  readonly state: WorkflowState;
  readonly conclusion: Conclusion | null;
  readonly created_at: string;
  readonly stopped_at: string | null;
  readonly exit_code: number | null;
  /** One sentence: what happened, and what to do about it. */
  readonly summary: string | null;
  readonly stack_name: string | null;
  readonly waiting: {
    readonly reason: 'line' | 'turn' | 'capacity';
    readonly position: number | null;
    readonly stack_name: string | null;
  } | null;
  readonly run_url: string;
  readonly logs_url: string;
  readonly report_url: string | null;
  readonly tests: TestTotals | null;
  readonly cost_usd: number | null;
}

export interface TestTotals {
  readonly total: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Workflow extends WorkflowStatus {
  readonly suite: string;
  readonly branch: string;
  readonly sha: string | null;
  readonly started_at: string | null;
  readonly attempt: number;
  readonly retries: number;
  /** The run that followed by itself, where failed runs are tried again. */
  readonly retried_by: string | null;
  readonly stack: {
    readonly held: {
      readonly lock_token: number;
      readonly is_new: boolean;
      readonly last_deployed_commit: string | null;
    } | null;
  } | null;
  /** The first 100. */
  readonly failures: readonly TestFailure[];
  readonly warnings: readonly { readonly message: string }[];
  readonly links: { readonly commit: string | null; readonly console: string | null };
}

export interface TestFailure {
  readonly name: string;
  readonly group: string;
  /** Relative to the checkout, says whoever wrote the tests. */
  readonly file: string | null;
  readonly line: number | null;
  readonly message: string;
  readonly details: string | null;
}

export interface LogPage {
  readonly lines: readonly { readonly text: string }[];
  /** Where to go on from. */
  readonly cursor: string;
  /** The workflow has ended, and these are its last lines. */
  readonly complete: boolean;
}

export interface StackRequest {
  readonly branch: string;
  readonly holder: string;
  readonly wait: boolean;
  readonly leaseSeconds?: number;
}

export interface HeldStack {
  readonly stackName: string;
  readonly lockToken: number;
  readonly lastDeployedCommit?: string | undefined;
  readonly isNew: boolean;
}

export interface PlaceInLine {
  /** 1 for the first. */
  readonly position: number;
}
