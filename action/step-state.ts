import type { StackRequest, WorkflowRequest } from './berth-api.ts';
import type { Host } from './host.ts';
import { stackVariables } from './settings.ts';

/**
 * What the main step leaves for the post step. It is all that the post step goes by: by then the variables of the job
 * are others, and the inputs that are made of them too.
 */
export interface StepState {
  readonly isPost: boolean;
  /** What there may be to clean up. */
  readonly left: LeftBehind;
}

export interface LeftBehind {
  /** A run that was asked for, and whose id is not known. */
  readonly asked?: AskedRun;
  /** A run that somebody has to cancel if nobody waits for it any more. */
  readonly runId?: string;
  /** A request that was in line for a stack when the step ended. */
  readonly inLine?: Pick<StackRequest, 'branch' | 'holder'>;
  /** A stack that goes back at the end of the job. */
  readonly stack?: { readonly stackName: string; readonly lockToken: number };
}

export interface AskedRun {
  readonly request: WorkflowRequest;
  readonly idempotencyKey: string;
}

const isPostName = 'isPost';
const leftName = 'left';

/** @param getState what `saveState` saved, empty where nothing was. */
export function readStepState(getState: (name: string) => string): StepState {
  const left = getState(leftName);
  // Written below, by the same version of the action, into a file that is the step's own.
  return {
    isPost: getState(isPostName) === 'true',
    left: left === '' ? {} : (JSON.parse(left) as LeftBehind),
  };
}

export type StateWriter = ReturnType<typeof stateWriter>;

/** Notes what the post step would have to do: each thing before it is begun, since the step may be killed in it. */
export function stateWriter(host: Pick<Host, 'saveState' | 'exportVariable'>) {
  let left: LeftBehind = {};

  function note(change: { [Name in keyof LeftBehind]: LeftBehind[Name] | undefined }): void {
    const entries = Object.entries({ ...left, ...change }).filter(([, value]) => value !== undefined);
    left = Object.fromEntries(entries);
    host.saveState(leftName, JSON.stringify(left));
  }

  return {
    begun: () => host.saveState(isPostName, 'true'),
    asking: (asked: AskedRun) => note({ asked }),
    run: (runId: string) => note({ runId, asked: undefined }),
    /** Nothing is left to cancel. */
    runDone: () => note({ runId: undefined, asked: undefined }),
    inLine: (inLine: LeftBehind['inLine']) => note({ inLine }),
    stackToRelease: (stack: LeftBehind['stack']) => note({ stack }),
    /** Tells the steps that follow which stack they have; `undefined`: none any more. */
    stackOfJob(stack: { stackName: string; holder: string; lockToken: number } | undefined) {
      host.exportVariable(stackVariables.name, stack?.stackName ?? '');
      host.exportVariable(stackVariables.holder, stack?.holder ?? '');
      host.exportVariable(stackVariables.token, stack === undefined ? '' : String(stack.lockToken));
    },
  };
}
