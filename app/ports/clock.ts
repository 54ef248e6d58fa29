/** The time and random, handed in so that tests can move them. */
export interface Clock {
  now(): Date;
}

export interface Ids {
  /** A new id, sortable by the time of its making, of ASCII letters and digits. */
  unique(): string;
  /** The same id for the same parts, always, and another for any others: what makes a repeated request one run. */
  derived(...parts: readonly string[]): string;
  /** An even number in [0, 1). */
  random(): number;
  /** Bytes that nobody can guess, as hexadecimal digits. */
  secret(bytes: number): string;
}
