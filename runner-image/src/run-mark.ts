import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** The moment at which the checkout was whole, by the clock of its file system. */
export interface RunMark {
  /**
   * Waits, some milliseconds at most, until the file system's clock has moved on, so that what is written from now on
   * is newer than everything that the checkout has written.
   *
   * @returns the file system's time, in milliseconds since 1970.
   */
  start(): number;
}

/** No file system's clock has steps so long. */
const maxWaitMs = 50;

/**
 * @param directory on the same file system as the checkout
 */
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
      // The steps are of 1 to 10 ms: a timer would wait longer.
      while (latestMs === checkedOutMs && performance.now() < deadline) latestMs = touch();
      closeSync(file);
      return latestMs;
    },
  };
}
