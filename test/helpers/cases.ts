/**
 * Returns the number of cases of a property test: few enough for the inner loop by default. `BERTH_CASES=10 npm test`
 * runs ten times as many.
 */
export function cases(count: number): number {
  return Math.round(count * Number(process.env.BERTH_CASES ?? 1));
}
