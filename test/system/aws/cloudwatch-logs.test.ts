import { randomUUID } from 'node:crypto';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  ResourceAlreadyExistsException,
} from '@aws-sdk/client-cloudwatch-logs';
import { describe, expect, it } from '@jest/globals';
import { cloudWatchLogs } from '../../../app/adapters/cloudwatch/cloudwatch-logs.ts';
import type { Run } from '../../../app/core/model/run.ts';
import type { TaskStatus } from '../../../app/core/model/task.ts';
import type { Logs } from '../../../app/ports/logs.ts';
import { describeLogs } from '../../contract/logs.ts';
import { aRun } from '../../helpers/a-run.ts';
import { clientOptions } from './moto.ts';

const client = new CloudWatchLogsClient(clientOptions());
const group = `/berth/${randomUUID()}`;
const streamOf = (run: Run) => `run/runner/${run.id}`;

const onItsTask = (run: Run, stream = streamOf(run)): Run => {
  const taskStatus: TaskStatus = {
    arn: `arn:aws:ecs:us-east-1:123456789012:task/berth/${run.id}`,
    lastStatus: 'RUNNING',
    desiredStatus: 'RUNNING',
    log: { group, stream, region: 'us-east-1' },
  };
  return { ...run, taskStatus };
};

async function write(run: Run, lines: readonly string[]): Promise<void> {
  const names = { logGroupName: group, logStreamName: streamOf(run) };
  await client.send(new CreateLogStreamCommand(names)).catch((error) => {
    if (!(error instanceof ResourceAlreadyExistsException)) throw error;
  });
  const logEvents = lines.map((message) => ({ message, timestamp: Date.now() }));
  await client.send(new PutLogEventsCommand({ ...names, logEvents }));
}

// The runs of the contract have no task, as those of other executors need none to find their log.
describeLogs('CloudWatch', async () => {
  await client.send(new CreateLogGroupCommand({ logGroupName: group }));
  const logs = cloudWatchLogs({ client, clock: { now: () => new Date() }, settleSeconds: 0 });
  const onTask: Logs = {
    read: (run, cursor, limit) => logs.read(onItsTask(run), cursor, limit),
    consoleUrl: logs.consoleUrl,
  };
  return { logs: onTask, write, close: async () => {} };
});

describe('the log of a run in CloudWatch', () => {
  const at = new Date('2026-11-02T10:00:00Z');
  const logsAt = (seconds: number) =>
    cloudWatchLogs({ client, clock: { now: () => new Date(at.getTime() + seconds * 1000) } });

  it('is not complete before its last lines had time to come in', async () => {
    const run = onItsTask({ ...aRun({ state: 'failed', finishedAt: at }) }, 'never/written');
    expect((await logsAt(1).read(run, undefined, 10)).complete).toBe(false);
    expect((await logsAt(6).read(run, undefined, 10)).complete).toBe(true);
  });

  it('begins again where the run was launched again, by a cursor of the first launch too', async () => {
    const first = onItsTask(aRun());
    await write(first, ['of the first launch']);
    const { cursor } = await logsAt(0).read(first, undefined, 10);
    const second = aRun({ id: `${first.id}-2` as typeof first.id });
    await write(second, ['of the second launch']);
    const page = await logsAt(0).read(onItsTask(first, streamOf(second)), cursor, 10);
    expect(page.lines.map(({ text }) => text)).toEqual(['of the second launch']);
  });

  it('refuses an invalid cursor', async () => {
    await expect(logsAt(0).read(onItsTask(aRun()), 'bent', 10)).rejects.toMatchObject({
      code: 'cursor_invalid',
    });
  });

  it('is linked to once there is a task', () => {
    expect(logsAt(0).consoleUrl(aRun())).toBeUndefined();
    expect(logsAt(0).consoleUrl(onItsTask(aRun()))).toMatch(/#logsV2:.*run\$252Frunner\$252F01RUN$/);
  });
});
