const seconds = { s: 1, m: 60, h: 3600, d: 86_400 } as const;

/**
 * Parses a duration such as `90s`, `15m`, `1h30m` or `2d`.
 *
 * @returns the seconds; undefined if the text is not a duration, or is missing.
 */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d{1,5}d)?(\d{1,6}h)?(\d{1,6}m)?(\d{1,8}s)?$/.test(text)) return undefined;
  const total = [...text.matchAll(/(\d+)([dhms])/g)].reduce(
    // The pattern matches only the letters that are keys of `seconds`.
    (sum, [, count, unit]) => sum + Number(count) * seconds[unit as keyof typeof seconds],
    0,
  );
  return total === 0 ? undefined : total;
}
