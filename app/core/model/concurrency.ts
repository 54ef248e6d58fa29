/** A limit on parallel runs of the same group. */
export interface Concurrency {
  readonly group: string;
  readonly limit: number;
}

export const concurrencyGroupPattern = /^[A-Za-z0-9][A-Za-z0-9._/-]{0,99}$/;

export const maxConcurrency = 100;
