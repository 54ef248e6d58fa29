/** The memory in use after a number of runs. */
export interface MemorySample {
  readonly runs: number;
  readonly mib: number;
}

/** Runs before this many fill the caches. */
const warmUpRuns = 500;
const leastSamples = 4;

/** The growth in MiB for each 1,000 runs, by least squares. @returns undefined if there are too few samples. */
export function memoryGrowth(samples: readonly MemorySample[]): number | undefined {
  const warm = samples.filter(({ runs }) => runs >= warmUpRuns);
  if (warm.length < leastSamples) return undefined;
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;
  const [x, y] = [mean(warm.map(({ runs }) => runs)), mean(warm.map(({ mib }) => mib))];
  const covariance = mean(warm.map(({ runs, mib }) => (runs - x) * (mib - y)));
  return (covariance / mean(warm.map(({ runs }) => (runs - x) ** 2))) * 1000;
}
