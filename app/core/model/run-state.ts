/**
 * The states of a run and its transitions. Terminal states are final: a retest is a new run.
 *
 * | from         | to                                                              |
 * |--------------|-----------------------------------------------------------------|
 * | queued       | waiting (a stack is wanted, none is free), provisioning, an end |
 * | waiting      | provisioning (the stack is held), skipped, another end          |
 * | provisioning | running, waiting (the stack was lost), an end                   |
 * | running      | provisioning (the infrastructure failed, tried again), an end   |
 */
const transitions = {
  queued: ['waiting', 'provisioning', 'errored', 'cancelled', 'skipped'],
  waiting: ['provisioning', 'errored', 'cancelled', 'skipped'],
  provisioning: ['running', 'waiting', 'succeeded', 'failed', 'errored', 'timed_out', 'cancelled'],
  running: ['provisioning', 'succeeded', 'failed', 'errored', 'timed_out', 'cancelled'],
  succeeded: [],
  failed: [],
  errored: [],
  timed_out: [],
  cancelled: [],
  skipped: [],
} as const satisfies Record<string, readonly string[]>;

export type RunState = keyof typeof transitions;
/**
 * `skipped`: recorded so that its check concludes, but nothing was launched (paths, draft, fork, settings, a deployment
 * that is there already).
 */
export type TerminalState = 'succeeded' | 'failed' | 'errored' | 'timed_out' | 'cancelled' | 'skipped';
export type ActiveState = Exclude<RunState, TerminalState>;

// Object.keys loses the key type; the keys are exactly those of the literal above.
export const runStates = Object.keys(transitions) as RunState[];

export function isTerminal(state: RunState): state is TerminalState {
  return transitions[state].length === 0;
}

const failureStates: ReadonlySet<RunState> = new Set(['failed', 'errored', 'timed_out']);

/** Whether a run ended without success. A cancelled or skipped run has no result. */
export function isFailure(state: RunState): boolean {
  return failureStates.has(state);
}

export function mayBecome(from: RunState, to: RunState): boolean {
  const targets: readonly string[] = transitions[from];
  return targets.includes(to);
}
