import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The time at which the checkout was complete, by the clock of its file system. */
export interface RunMark {
  /**
   * Waits at most a few milliseconds for the next tick of the file system's clock, so new files are newer than those of
   * the checkout.
   *
   * @returns the file system's time, in milliseconds since 1970.
   */
  start(): number;
}

/** Longer than a tick of any file system's clock. */
const maxWaitMs = 50;

/** @param directory on the same file system as the checkout */
export function markCheckout(directory: string): RunMark {
  const file = openSync(join(directory, 'started'), 'w');
  const touch = () => {
    writeSync(file, '.', 0);
    return fstatSync(file).mtimeMs;
  };
  const checkedOutMs = touch();

  return {
    start() {
      const deadline = performance.now() + maxWaitMs;
      let latestMs = touch();
      // A tick takes 1 to 10 ms. A timer would wait longer.
      while (latestMs === checkedOutMs && performance.now() < deadline) latestMs = touch();
      closeSync(file);
      return latestMs;
    },
  };
}
