const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** `850 ms`, `12 s`, `3 m 20 s`, `2 h 5 m`: two units at the most, the smaller one rounded before the larger is told. */
export function duration(milliseconds: number): string {
  if (Math.round(milliseconds) < second) return `${Math.round(milliseconds)} ms`;
  const seconds = Math.round(milliseconds / second);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
  const minutes = Math.round(milliseconds / minute);
  return `${Math.floor(minutes / 60)} h ${minutes % 60} m`;
}

/** `just now`, `5 minutes ago`, in the reader's language: whole units that have passed. */
export function ago(iso: string, now: number): string {
  const passed = now - Date.parse(iso);
  const words = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' });
  if (passed < 5 * second) return 'just now';
  if (passed < minute) return words.format(-Math.floor(passed / second), 'second');
  if (passed < hour) return words.format(-Math.floor(passed / minute), 'minute');
  if (passed < day) return words.format(-Math.floor(passed / hour), 'hour');
  return words.format(-Math.floor(passed / day), 'day');
}

export function moment(iso: string): string {
  return new Date(iso).toLocaleString();
}

export function bytes(count: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(count, 1)) / 3));
  return (count / 1000 ** power).toLocaleString(undefined, {
    style: 'unit',
    unit: units[power] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  });
}

/** How long a run took from its task's start to its end, or takes until now; undefined where it did not start. */
export function tookMilliseconds(
  run: { started_at: string | null; stopped_at: string | null },
  now: number,
): number | undefined {
  if (run.started_at === null) return undefined;
  return Math.max(
    0,
    (run.stopped_at === null ? now : Date.parse(run.stopped_at)) - Date.parse(run.started_at),
  );
}

/** `$0`, `$0.0004`, `$12.30`, `$1,234`: never nothing for what is something, and no more digits than an estimate bears. */
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

export function shortSha(sha: string | null): string {
  return sha === null ? '' : sha.slice(0, 7);
}
