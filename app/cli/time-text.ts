import { parseDuration } from '../lib/parse-duration.ts';

/** `0.4 s`, `12 s`, `3 min 5 s`, `2 h 10 min`. */
export function durationText(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds) / 1000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return joined(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 48 * 60) return joined(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  return `${Math.round(minutes / (24 * 60))} d`;
}

/** How long ago something was: `just now`, `5 min ago`. */
export function ageText(then: Date, now: Date): string {
  const milliseconds = now.getTime() - then.getTime();
  if (milliseconds < 10_000) return 'just now';
  return `${durationText(coarse(milliseconds))} ago`;
}

/** Whole minutes once there are some, whole hours once there are some. */
function coarse(milliseconds: number): number {
  const unit = [86_400_000, 3_600_000, 60_000].find((size) => milliseconds >= size) ?? 1000;
  return Math.floor(milliseconds / unit) * unit;
}

function joined(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large} ${largeUnit}` : `${large} ${largeUnit} ${small} ${smallUnit}`;
}

/**
 * Reads a duration as a person types it: `90`, `90s`, `15m`, `1h30m`, `2d`.
 *
 * @returns seconds; undefined if the text is not a duration, or is zero.
 */
export function parseSeconds(text: string): number | undefined {
  return parseDuration(/^\d{1,6}$/.test(text) ? `${text}s` : text);
}
