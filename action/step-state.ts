import type { Host } from './host.ts';
import { stackVariables } from './settings.ts';

/** What the main step leaves for the post step: what there may be to clean up. */
export interface StepState {
  readonly isPost: boolean;
  /** A run was about to be asked for, and is not known to have been. */
  readonly isAsking: boolean;
  /** A run that somebody has to cancel if nobody waits for it any more. */
  readonly workflowId?: string;
  /** A stack that goes back at the end of the job. */
  readonly stackToRelease?: { readonly stackName: string; readonly lockToken: number };
  /** A holder that was waiting for a stack when the step ended. */
  readonly waitingHolder?: string;
}

const names = {
  isPost: 'isPost',
  run: 'run',
  asking: 'asking',
  stack: 'stack',
  holder: 'waitingHolder',
} as const;

/** @param getState what `saveState` saved, empty where nothing was. */
export function readStepState(getState: (name: string) => string): StepState {
  const workflowId = getState(names.run);
  const [stackName = '', token = ''] = getState(names.stack).split(' ');
  const waitingHolder = getState(names.holder);
  return {
    isPost: getState(names.isPost) === 'true',
    isAsking: getState(names.asking) === 'true',
    ...(workflowId === '' ? {} : { workflowId }),
    ...(stackName === '' ? {} : { stackToRelease: { stackName, lockToken: Number(token) } }),
    ...(waitingHolder === '' ? {} : { waitingHolder }),
  };
}

export type StateWriter = ReturnType<typeof stateWriter>;

/** Notes what the post step would have to do, each note before the thing it is about. */
export function stateWriter(host: Pick<Host, 'saveState' | 'exportVariable'>) {
  const note =
    (name: string) =>
    (value: string): void =>
      host.saveState(name, value);
  return {
    begun: () => note(names.isPost)('true'),
    asking: () => note(names.asking)('true'),
    run(id: string) {
      note(names.run)(id);
      note(names.asking)('');
    },
    /** Nothing is left to cancel. */
    runDone() {
      note(names.run)('');
      note(names.asking)('');
    },
    waitingAs: note(names.holder),
    stackToRelease: (stackName: string, lockToken: number) => note(names.stack)(`${stackName} ${lockToken}`),
    /** Tells the steps that follow which stack they have; `undefined`: none any more. */
    stackOfJob(stack: { stackName: string; holder: string; lockToken: number } | undefined) {
      host.exportVariable(stackVariables.name, stack?.stackName ?? '');
      host.exportVariable(stackVariables.holder, stack?.holder ?? '');
      host.exportVariable(stackVariables.token, stack === undefined ? '' : String(stack.lockToken));
    },
  };
}
