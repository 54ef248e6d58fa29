/** Time, IDs and random numbers, as a dependency, so that tests can control them. */
export interface Clock {
  now(): Date;
}

export interface Ids {
  /** A new ID of ASCII letters and digits, which sorts by its creation time. */
  unique(): string;
  /**
   * The same ID for the same parts, so that a repeated request finds the run of the first. Keyed with the
   * installation's secret: no one can compute an ID in advance and take it.
   */
  derived(...parts: readonly string[]): Promise<string>;
  /** A uniform random number in [0, 1). */
  random(): number;
  /** Returns random bytes that cannot be guessed, as hexadecimal digits. */
  secret(bytes: number): string;
}
