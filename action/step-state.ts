import type { StackRequest } from '../app/client/api-types.ts';
import type { Host } from './host.ts';
import { type RunRequest, stackVariables } from './settings-types.ts';

/**
 * The work that the main step leaves for the post step. The post step reads nothing else: the variables of the job, and
 * the inputs that depend on them, may have changed by then.
 */
export interface LeftBehind {
  /** A run that was requested and whose ID is not known. */
  readonly requested?: RequestedRun;
  /** A run to cancel, since no step waits for it. */
  readonly runId?: string;
  /** The check run on GitHub that shows it as running. */
  readonly check?: ShownCheck;
  /** A request for a stack that was waiting in the queue. */
  readonly queued?: Required<Pick<StackRequest, 'branch' | 'holder'>>;
  /** A stack to release at the end of the job. */
  readonly stack?: { readonly stackName: string; readonly lockToken: number };
}

export interface RequestedRun {
  readonly request: RunRequest;
  readonly idempotencyKey: string;
}

export interface ShownCheck {
  readonly id: number;
  readonly sha: string;
  readonly pullRequest: number | undefined;
}

const stateName = 'left';

/** @param getState returns what `saveState` saved, or an empty text. */
export function readStepState(getState: (name: string) => string): LeftBehind {
  const left = getState(stateName);
  // Written below by the same version of the action, in a file that belongs to this step.
  return left === '' ? {} : (JSON.parse(left) as LeftBehind);
}

export type StateWriter = ReturnType<typeof stateWriter>;

/** Records what the post step has to clean up, each thing before it begins, since the step may be killed. */
export function stateWriter(host: Pick<Host, 'saveState' | 'exportVariable'>) {
  let left: LeftBehind = {};

  function note(change: { [Name in keyof LeftBehind]: LeftBehind[Name] | undefined }): void {
    const entries = Object.entries({ ...left, ...change }).filter(([, value]) => value !== undefined);
    left = Object.fromEntries(entries);
    host.saveState(stateName, JSON.stringify(left));
  }

  return {
    requesting: (requested: RequestedRun) => note({ requested }),
    run: (runId: string) => note({ runId, requested: undefined }),
    check: (check: ShownCheck | undefined) => note({ check }),
    /** Call it when no run is left to cancel. */
    runDone: () => note({ runId: undefined, requested: undefined }),
    queued: (queued: LeftBehind['queued']) => note({ queued }),
    stackToRelease: (stack: LeftBehind['stack']) => note({ stack }),
    /** Names the stack of the job for the steps that follow; undefined if it no longer has one. */
    stackOfJob(stack: { stackName: string; holder: string; lockToken: number } | undefined) {
      host.exportVariable(stackVariables.name, stack?.stackName ?? '');
      host.exportVariable(stackVariables.holder, stack?.holder ?? '');
      host.exportVariable(stackVariables.token, stack === undefined ? '' : String(stack.lockToken));
    },
  };
}
