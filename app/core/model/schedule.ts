import { Cron } from 'croner';

/** Times at which a suite runs on the default branch. */
export interface Schedule {
  /** Five fields: minute, hour, day of the month, month, day of the week. */
  readonly cron: string;
  /** A name of the IANA database. */
  readonly timezone: string;
  /** The run gets a separate stack, not the stack of the branch. */
  readonly cleanStack?: boolean;
}

/** A time that was missed for longer is left out. */
const mostLateSeconds = 24 * 3600;

/** @returns why the schedule is not valid; undefined if it is. */
export function scheduleMistake({ cron, timezone }: Schedule): string | undefined {
  if (!isTimezone(timezone)) return `there is no time zone \`${timezone}\`: use a name such as Europe/Berlin`;
  try {
    // A date would be valid until it has passed.
    if (!/^(?:@[a-z]+|\S+(?:\s+\S+){4})$/.test(cron.trim())) throw new Error('not five fields');
    const never = new Cron(cron, { timezone, paused: true, mode: '5-part' }).nextRun() === null;
    return never ? `\`${cron}\` has no time` : undefined;
  } catch {
    return `\`${cron}\` is not a cron expression with the fields minute, hour, day of the month, month and day of the week`;
  }
}

/** The first time of a schedule after a moment. */
export function nextTime({ cron, timezone }: Schedule, after: Date): Date | undefined {
  return new Cron(cron, { timezone, paused: true, mode: '5-part' }).nextRun(after) ?? undefined;
}

/**
 * The time of a schedule that is due. Of several that were missed it is the latest.
 *
 * @param since the first time that has not been handled.
 */
export function dueTime({ cron, timezone }: Schedule, since: Date, now: Date): Date | undefined {
  // Times have no milliseconds. The list ends before its reference.
  const reference = new Date((Math.floor(now.getTime() / 1000) + 1) * 1000);
  const [latest] = new Cron(cron, { timezone, paused: true, mode: '5-part' }).previousRuns(1, reference);
  const first = Math.max(since.getTime(), now.getTime() - mostLateSeconds * 1000);
  return latest !== undefined && latest.getTime() >= first ? latest : undefined;
}

function isTimezone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
