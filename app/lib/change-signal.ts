/** Wakes everyone who waits for the next change. Says that something changed, and not what. */
export interface ChangeSignal {
  announce(): void;
  /** Resolves at the next change. */
  next(): Promise<void>;
  /** Counts the changes so far. */
  version(): number;
}

export function changeSignal(): ChangeSignal {
  let wake: () => void = () => undefined;
  let waiting: Promise<void> | undefined;
  let count = 0;
  return {
    announce() {
      count += 1;
      const wakeAll = wake;
      waiting = undefined;
      wakeAll();
    },
    next() {
      waiting ??= new Promise((resolve) => {
        wake = resolve;
      });
      return waiting;
    },
    version: () => count,
  };
}
