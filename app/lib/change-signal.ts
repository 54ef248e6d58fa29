export type ChangeSignal = ReturnType<typeof changeSignal>;

/** Wakes everyone who waits for the next change. Says that something changed, and not what. */
export function changeSignal() {
  const waiting = new Set<() => void>();
  let count = 0;
  return {
    announce(): void {
      count += 1;
      for (const wake of waiting) wake();
      waiting.clear();
    },
    /**
     * Resolves at the next change, or when `limit` resolves. Afterwards nothing is kept for the caller: one promise for all
     * would keep a reaction for each wait that ended without a change, until the next change.
     */
    next: (limit: Promise<unknown>): Promise<void> =>
      new Promise((resolve) => {
        waiting.add(resolve);
        void limit.then(() => {
          waiting.delete(resolve);
          resolve();
        });
      }),
    /** Counts the changes so far. */
    version: (): number => count,
  };
}
