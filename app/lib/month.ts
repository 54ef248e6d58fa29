/** A calendar month in UTC, such as `2026-11`. Sorts as text. Only {@link monthOf} and {@link parseMonth} make one. */
declare const brand: unique symbol;
export type Month = string & { readonly [brand]: 'Month' };

// The only casts to a month: each checks or creates its form.
export const monthOf = (date: Date): Month => date.toISOString().slice(0, 7) as Month;

/** @returns undefined if it is not a month of the form `YYYY-MM`. */
export function parseMonth(text: string): Month | undefined {
  return /^\d{4}-(0[1-9]|1[0-2])$/.test(text) ? (text as Month) : undefined;
}

/** The month `months` after this one, or before it if `months` is negative. */
export function monthAfter(month: Month, months: number): Month {
  const [year = 0, ordinal = 1] = month.split('-').map(Number);
  return monthOf(new Date(Date.UTC(year, ordinal - 1 + months, 1)));
}

/** All months from one to the other, inclusive; empty if the first is after the last. */
export function monthsBetween(from: Month, to: Month): readonly Month[] {
  const months: Month[] = [];
  for (let month = from; month <= to; month = monthAfter(month, 1)) months.push(month);
  return months;
}
