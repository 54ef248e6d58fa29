/** The time and random, handed in so that tests can move them. */
export interface Clock {
  now(): Date;
}

export interface Ids {
  /** A new id, sortable by the time of its making, of ASCII letters and digits. */
  unique(): string;
  /**
   * The same id for the same parts, so that a repeated request finds the run of the first. Keyed with the
   * installation's secret: no one can compute an id in advance and take it.
   */
  derived(...parts: readonly string[]): Promise<string>;
  /** An even number in [0, 1). */
  random(): number;
  /** Returns random bytes that cannot be guessed, as hexadecimal digits. */
  secret(bytes: number): string;
}
