import { numberText } from '../../../lib/format.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Formats a duration in at most two units: `0 s`, `< 1 ms`, `850 ms`, `12 s`, `3 m 20 s`, `2 h 5 m`, `3 d 4 h`. */
export function duration(milliseconds: number): string {
  if (milliseconds <= 0) return '0 s';
  if (milliseconds < 1) return '< 1 ms';
  if (Math.round(milliseconds) < second) return `${Math.round(milliseconds)} ms`;
  // Rounded in the smaller unit first, so that `60 s` never appears.
  const seconds = Math.round(milliseconds / second);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  const minutes = Math.round(milliseconds / minute);
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
  const hours = Math.round(milliseconds / hour);
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** Formats a time relative to `now` in whole elapsed units: `just now`, `5 min. ago`. */
export function ago(iso: string, now: number): string {
  const elapsed = now - Date.parse(iso);
  const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  if (elapsed < 5 * second) return 'just now';
  if (elapsed < minute) return format.format(-Math.floor(elapsed / second), 'second');
  if (elapsed < hour) return format.format(-Math.floor(elapsed / minute), 'minute');
  if (elapsed < day) return format.format(-Math.floor(elapsed / hour), 'hour');
  return format.format(-Math.floor(elapsed / day), 'day');
}

/** Measures a run from the start of its task until it finished, or until `now`; undefined if the task has not started. */
export function elapsedMilliseconds(
  run: { started_at: string | null; stopped_at: string | null },
  now: number,
): number | undefined {
  if (run.started_at === null) return undefined;
  return Math.max(
    0,
    (run.stopped_at === null ? now : Date.parse(run.stopped_at)) - Date.parse(run.started_at),
  );
}

/** Formats an estimate in US dollars: `$0`, `$0.0004`, `$12.30`, `$1,234`. A small amount never reads as `$0`. */
export function dollars(usd: number): string {
  const size = Math.abs(usd);
  const digits =
    size > 0 && size < 0.01
      ? { maximumSignificantDigits: 1 }
      : {
          minimumFractionDigits: size === 0 || size >= 1000 ? 0 : 2,
          maximumFractionDigits: size >= 1000 ? 0 : 2,
        };
  return `$${usd.toLocaleString('en', digits)}`;
}

/** Formats a share as a whole percentage: `67%`. */
export function percent(share: number): string {
  return `${Math.round(100 * share)}%`;
}

/** Formats a count with its noun: `1 run`, `2,000 runs`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${numberText(count)} ${count === 1 ? noun : plural}`;
}

export function shortSha(sha: string | null): string {
  return sha === null ? '' : sha.slice(0, 7);
}

/** Shortens a clone URL to the name that people use for the repository: `owner/repo`. */
export function repositoryName(url: string): string {
  const path = url.replace(/^[a-z+]+:\/\/[^/]*\//i, '').replace(/^[^/@]+@[^:]+:/, '');
  return (
    path
      .replace(/\/+$/, '')
      .replace(/\.git$/, '')
      .split('/')
      .slice(-2)
      .join('/') || url
  );
}
