import {
  type CloudWatchLogsClient,
  GetLogEventsCommand,
  type GetLogEventsCommandOutput,
} from '@aws-sdk/client-cloudwatch-logs';
import { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import type { Run } from '../../core/model/run.ts';
import { isTerminal } from '../../core/model/run-state.ts';
import type { TaskStatus } from '../../core/model/task.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogPage, Logs } from '../../ports/logs.ts';
import { isAwsError } from '../aws/aws-error-kind.ts';
import { consoleUrlOf } from './console-log-url.ts';

type Stream = NonNullable<TaskStatus['log']>;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
const mostEvents = 10_000;

/** The stream, and CloudWatch's token for the next page: a run that was launched again has a new stream. */
const cursorSchema = z.object({ stream: z.string(), token: z.string() });

/**
 * {@link Logs} from CloudWatch Logs. Each run has a separate stream, so it is read by token, and never searched.
 *
 * @param deps.settleSeconds how long after the end of a run its last lines may still arrive.
 */
export function cloudWatchLogs(deps: {
  readonly client: Pick<CloudWatchLogsClient, 'send'>;
  readonly clock: Clock;
  readonly settleSeconds?: number;
}): Logs {
  const { client, clock, settleSeconds = 5 } = deps;

  const mayStillWrite = (run: Run): boolean => {
    if (!isTerminal(run.state)) return true;
    const settled = (run.finishedAt?.getTime() ?? 0) + settleSeconds * 1000;
    return clock.now().getTime() < settled;
  };

  return {
    read: async (run, cursor, limit, service) => {
      const from = cursor === undefined || cursor === '' ? undefined : parseCursor(cursor);
      const { taskStatus } = run;
      const stream =
        service === undefined
          ? taskStatus?.log
          : taskStatus?.services?.find(({ name }) => name === service)?.log;
      const nothing: LogPage = { lines: [], cursor: cursor ?? '', complete: !mayStillWrite(run) };
      if (stream === undefined) return nothing;
      const token = from?.stream === stream.stream ? from.token : undefined;
      const events = await readEvents(client, stream, token, Math.max(1, Math.min(limit, mostEvents)));
      if (events === undefined) return nothing;
      const next = events.nextForwardToken ?? token;
      const lines = (events.events ?? []).map(({ message = '', timestamp }) =>
        omitUndefined({
          at: timestamp === undefined ? undefined : new Date(timestamp),
          text: message.replace(/\r?\n$/, ''),
        }),
      );
      return {
        lines,
        cursor: next === undefined ? '' : formatCursor({ stream: stream.stream, token: next }),
        // A page may be empty before the end. Only an unchanged token means that it was the last.
        complete: lines.length === 0 && next === token && !mayStillWrite(run),
      };
    },

    consoleUrl: consoleUrlOf,
  };
}

/** @returns undefined if there is no such stream: the task has not written yet, or its log was deleted. */
async function readEvents(
  client: Pick<CloudWatchLogsClient, 'send'>,
  { group, stream }: Stream,
  token: string | undefined,
  limit: number,
): Promise<GetLogEventsCommandOutput | undefined> {
  try {
    return await client.send(
      new GetLogEventsCommand(
        omitUndefined({
          logGroupName: group,
          logStreamName: stream,
          startFromHead: true,
          limit,
          nextToken: token,
        }),
      ),
    );
  } catch (error) {
    if (isAwsError(error, 'ResourceNotFoundException')) return undefined;
    if (token !== undefined && isAwsError(error, 'InvalidParameterException')) throw staleCursor(error);
    throw error;
  }
}

function formatCursor(cursor: z.infer<typeof cursorSchema>): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function parseCursor(cursor: string): z.infer<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch (error) {
    throw staleCursor(error);
  }
}

function staleCursor(cause: unknown): BerthError {
  return new BerthError('cursor_invalid', 'The log cursor is invalid, or older than a day.', {
    cause,
    hint: 'Read from the beginning, without a cursor.',
  });
}
