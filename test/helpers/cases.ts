/**
 * Returns the number of cases of a property test: few enough for the inner loop by default. `npm run test:properties`
 * runs sixteen times as many, and `BERTH_CASES=100 npm run test:properties` two hundred times.
 */
export function cases(count: number): number {
  return Math.ceil(count * Number(process.env.BERTH_CASES ?? 0.5));
}
