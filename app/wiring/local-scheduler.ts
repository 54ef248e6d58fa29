import type { RunId } from '../core/model/ids.ts';
import { withTimeLimit } from '../lib/time-limit.ts';
import type { Logger } from '../ports/logger.ts';

/** The time limit of a step, which calls AWS or GitHub a few times; each call has a shorter limit. */
const timeLimitSeconds = 300;

export interface LocalScheduler {
  /** Reconciles a run soon. A run that is being reconciled is reconciled again afterwards, once. */
  readonly enqueue: (id: RunId) => void;
  /** Resolves when this run is not being reconciled and is not queued. */
  readonly idle: (id: RunId) => Promise<void>;
  /** Begins to sweep. */
  start(): void;
  /** Stops sweeping, and resolves when everything in progress has finished. */
  stop(): Promise<void>;
}

/**
 * Reconciles runs in this process: immediately on request, and by sweeps at every interval, which find everything
 * again after a crash. A sweep that is slow does not delay the others.
 */
export function localScheduler(options: {
  advance: (id: RunId) => Promise<unknown>;
  sweeps: readonly (() => Promise<unknown>)[];
  sweepEveryMilliseconds: number;
  log: Logger;
}): LocalScheduler {
  const { advance, sweeps, sweepEveryMilliseconds, log } = options;
  const looking = new Map<RunId, Promise<void>>();
  const again = new Set<RunId>();
  const timers = new Map<() => Promise<unknown>, NodeJS.Timeout>();
  const sweeping = new Map<() => Promise<unknown>, Promise<void>>();
  let stopped = false;

  async function look(id: RunId): Promise<void> {
    do {
      again.delete(id);
      try {
        await withTimeLimit(timeLimitSeconds, () => advance(id));
      } catch (error) {
        log.error({ runId: id, err: error }, 'reconciling a run failed; the sweep will retry it');
      }
    } while (again.has(id) && !stopped);
    looking.delete(id);
  }

  function enqueue(id: RunId): void {
    if (stopped) return;
    if (looking.has(id)) again.add(id);
    // Deferred: the caller finishes its own work first.
    else
      looking.set(
        id,
        Promise.resolve().then(() => look(id)),
      );
  }

  async function tick(sweep: () => Promise<unknown>): Promise<void> {
    try {
      await sweep();
    } catch (error) {
      log.error({ err: error }, 'the sweep failed; it will be retried');
    }
    if (!stopped)
      timers.set(
        sweep,
        setTimeout(() => run(sweep), sweepEveryMilliseconds),
      );
  }

  function run(sweep: () => Promise<unknown>): void {
    sweeping.set(sweep, tick(sweep));
  }

  return {
    enqueue,
    async idle(id) {
      await looking.get(id);
    },
    start: () => sweeps.forEach(run),
    async stop() {
      stopped = true;
      for (const timer of timers.values()) clearTimeout(timer);
      await Promise.all(sweeping.values());
      await Promise.all(looking.values());
    },
  };
}
