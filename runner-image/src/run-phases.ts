import type { Phase } from '../../app/core/model/job.ts';

/** The phases of a run, in order. */
export interface RunPhases {
  /** Ends the previous phase. */
  start(name: Phase['name']): void;
  finish(): void;
  list(): Phase[];
}

/**
 * @param now the clock
 * @param onStart called when a phase begins
 */
export function createRunPhases(now: () => Date, onStart: () => void): RunPhases {
  const phases: Phase[] = [];

  function finish(): void {
    const last = phases.at(-1);
    if (last !== undefined && last.finishedAt === undefined) last.finishedAt = now().toISOString();
  }

  return {
    start(name) {
      finish();
      phases.push({ name, startedAt: now().toISOString() });
      onStart();
    },
    finish,
    list: () => phases.map((phase) => ({ ...phase })),
  };
}
