import type { Cancellation } from './cancellation.ts';
import type { RunLog } from './output/run-log.ts';
import type { CheckedOut } from './process/command-env.ts';
import type { RunPhases } from './run-phases.ts';
import type { Workspace } from './workspace.ts';

export interface SuiteDeps {
  readonly workspace: Workspace;
  readonly log: RunLog;
  readonly phases: RunPhases;
  readonly cancellation: Cancellation;
  /** The runner's own environment. */
  readonly ownEnv: Readonly<Record<string, string | undefined>>;
  /** See `baseEnv`. */
  readonly baseEnv: Readonly<Record<string, string>>;
  /** Where the commands find the credentials of their AWS role. */
  readonly roleEnv: Readonly<Record<string, string>>;
  readonly secrets: readonly string[];
  readonly now: () => Date;
  /** Called after the checkout. */
  readonly onCheckout: (source: CheckedOut) => void;
}
