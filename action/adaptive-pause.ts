const shortestMs = 1000;
const longestMs = 15_000;
/** Slow enough that what comes after a silence is late by about an eighth of it. */
const growth = 1.25;

/**
 * How long to wait between two looks: a second while things happen, ever longer while they do not.
 *
 * @returns given whether something has happened since the last look, the milliseconds until the next.
 */
export function adaptivePause(): (happened: boolean) => number {
  let next = shortestMs;
  return (happened) => {
    const pause = happened ? shortestMs : next;
    next = Math.min(pause * growth, longestMs);
    return pause;
  };
}
