import { closest, distance } from 'fastest-levenshtein';

/**
 * Finds the name that was probably meant.
 *
 * @returns undefined if nothing is near enough to be a slip of the fingers: a third of the letters may differ, and
 *   two at least.
 */
export function nearestName(word: string, names: readonly string[]): string | undefined {
  if (names.length === 0 || word.length > 100) return undefined;
  const lower = word.toLowerCase();
  const best = closest(lower, names);
  const allowed = Math.max(2, Math.floor(best.length / 3));
  // A word as short as the distance has nothing in common with the name.
  return distance(lower, best.toLowerCase()) <= Math.min(allowed, lower.length - 1) ? best : undefined;
}
