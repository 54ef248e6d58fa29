import type { Outcome } from './outcome.ts';
import type { Run } from './run.ts';
import { mayBecome, type RunState, type TerminalState } from './run-state.ts';
import type { TaskStatus } from './task.ts';

/**
 * Returns the run in another state.
 *
 * @throws Error if the table of `run-state.ts` has no such transition: a bug of Berth, never of the user.
 */
export function transition(run: Run, to: RunState, now: Date, change: Partial<Run> = {}): Run {
  if (run.state !== to && !mayBecome(run.state, to)) {
    throw new Error(`run ${run.id} cannot move from ${run.state} to ${to}`);
  }
  return {
    ...run,
    ...milestonesAt(run, to, now),
    ...change,
    state: to,
    stateSince: run.state === to ? run.stateSince : now,
  };
}

/** The first time counts, even if the task is launched again. */
function milestonesAt({ milestones }: Run, to: RunState, now: Date): Pick<Run, 'milestones'> {
  return to === 'waiting' || to === 'provisioning' ? { milestones: { [to]: now, ...milestones } } : {};
}

/** Records that the task of a run was seen running. */
export function markRunning(run: Run, status: TaskStatus, now: Date): Run {
  const { missingSince: _, ...known } = run;
  const startedAt = run.startedAt ?? status.startedAt ?? now;
  return transition(known, 'running', now, { startedAt, taskStatus: status });
}

/** Moves a run to a terminal state. It stays due until it is settled. */
export function finish(run: Run, state: TerminalState, outcome: Outcome, now: Date): Run {
  const { waiting: _, ...rest } = run;
  return transition(rest, state, now, { outcome, finishedAt: now, dueAt: now });
}
