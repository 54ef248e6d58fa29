import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { type Schedule, scheduleMistake } from '../model/schedule.ts';

const scheduleSchema = z
  .strictObject({
    cron: z.string().max(200).meta({
      description: 'Minute, hour, day of the month, month, and day of the week. Example: 0 3 * * 1-5',
    }),
    timezone: z
      .string()
      .max(100)
      .optional()
      .meta({ description: 'The time zone of the times, such as Europe/Berlin. Default: UTC.' }),
    cleanStack: z
      .boolean()
      .optional()
      .meta({ description: 'Run on a separate stack, and not on that of the branch. Default: false.' }),
  })
  .superRefine(({ cron, timezone = 'UTC' }, context) => {
    const message = scheduleMistake({ cron, timezone });
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .transform(
    ({ cron, timezone = 'UTC', cleanStack }): Schedule => omitUndefined({ cron, timezone, cleanStack }),
  );

export const schedulesSchema = z.array(scheduleSchema).max(10, 'at most 10 schedules');
