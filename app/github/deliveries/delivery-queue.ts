import { setTimeout } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { Logger } from '../../ports/logger.ts';
import type { ArrivedDelivery } from '../../ports/store.ts';

export interface DeliveryQueue {
  /** Enqueues an event. One that is waiting or being handled is not added again. */
  readonly arrived: (id: string) => void;
  /**
   * Takes an event that need not be stored. If omitted, every event is.
   *
   * @returns false if the event must be stored.
   */
  readonly take?: (event: ArrivedDelivery) => Promise<boolean>;
  /** Enqueues every due event: this survives crashes. */
  readonly sweep: () => Promise<void>;
  /** Resolves when no event is waiting or being handled. */
  readonly idle: () => Promise<void>;
  /** Accepts no more events, and resolves when those in progress have ended. Waiting events stay due. */
  readonly stop: () => Promise<void>;
}

/** How many events are handled in parallel: each is a few calls to GitHub, one after the other. */
const atOnce = 8;
const batch = 200;
/**
 * Work begins when no event has arrived for this long: events arrive in bursts, and GitHub waits for the answer to each,
 * but not for the work. In a burst that takes longer than the longest time, work begins anyway.
 */
const defaultQuietMilliseconds = 50;
const longestMilliseconds = 2000;

/**
 * Carries events out inside this process.
 *
 * @param options.quietMilliseconds how long no event must have arrived before work begins; 50 by default, 0 in tests
 *   that send one event after another.
 */
export function deliveryQueue(options: {
  readonly handle: (id: string) => Promise<unknown>;
  /** Handles an event that is not stored. */
  readonly handleEvent: (event: ArrivedDelivery) => Promise<void>;
  readonly due: (limit: number) => Promise<readonly string[]>;
  readonly log: Logger;
  readonly quietMilliseconds?: number;
}): DeliveryQueue {
  const { handle, due, log, quietMilliseconds = defaultQuietMilliseconds } = options;
  const limit = pLimit(atOnce);
  const known = new Map<string, Promise<void>>();
  let stopped = false;
  let lastArrival = Number.NEGATIVE_INFINITY;
  let burstBegan = Number.NEGATIVE_INFINITY;

  async function untilQuiet(): Promise<void> {
    for (;;) {
      const now = performance.now();
      const left = Math.min(lastArrival + quietMilliseconds, burstBegan + longestMilliseconds) - now;
      if (left <= 0) return;
      await setTimeout(left);
    }
  }

  async function carryOut(id: string): Promise<void> {
    try {
      await limit(async () => {
        await untilQuiet();
        if (!stopped) await handle(id);
      });
    } catch (error) {
      log.error({ delivery: id, err: error }, 'handling an event failed; the sweep will retry it');
    } finally {
      known.delete(id);
    }
  }

  const take = (id: string): void => {
    if (!stopped && !known.has(id)) known.set(id, carryOut(id));
  };
  const arrived = (id: string): void => {
    const now = performance.now();
    if (now - lastArrival > quietMilliseconds) burstBegan = now;
    lastArrival = now;
    take(id);
  };
  const idle = async (): Promise<void> => {
    while (known.size > 0) await Promise.all(known.values());
  };
  return {
    arrived,
    async sweep() {
      for (const id of await due(batch)) take(id);
    },
    idle,
    async stop() {
      stopped = true;
      await idle();
    },
  };
}
