const shortestMs = 1000;
const longestMs = 15_000;
/** After a silence, the next line is late by about an eighth of that silence. */
const growth = 1.25;

/**
 * Chooses the pause between two polls: a second while something changes, longer and longer while nothing does.
 *
 * @returns a function from "something changed since the last poll" to milliseconds.
 */
export function adaptivePause(): (changed: boolean) => number {
  let next = shortestMs;
  return (changed) => {
    const pause = changed ? shortestMs : next;
    next = Math.min(pause * growth, longestMs);
    return pause;
  };
}
