/** Wakes everyone who waits for the next change. Says that something changed, and not what. */
export interface ChangeSignal {
  announce(): void;
  /**
   * Resolves at the next change, or when `limit` resolves. Afterwards nothing is kept for the caller: one promise for all would
   * keep a reaction for each wait that ended without a change, until the next change.
   */
  next(limit: Promise<unknown>): Promise<void>;
  /** Counts the changes so far. */
  version(): number;
}

export function changeSignal(): ChangeSignal {
  const waiting = new Set<() => void>();
  let count = 0;
  return {
    announce() {
      count += 1;
      for (const wake of waiting) wake();
      waiting.clear();
    },
    next: (limit) =>
      new Promise((resolve) => {
        waiting.add(resolve);
        void limit.then(() => {
          waiting.delete(resolve);
          resolve();
        });
      }),
    version: () => count,
  };
}
