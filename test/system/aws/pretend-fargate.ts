import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import {
  DescribeTasksCommand,
  ECSClient,
  ListTasksCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { clientOptions } from './moto.ts';

/**
 * Does what moto leaves out: runs the runner for each task, with the environment of its overrides, writes its output to
 * the task's stream in CloudWatch, and says by events when the task moves.
 */
export function pretendFargate(options: {
  readonly cluster: string;
  readonly logGroup: string;
  /** @param isLast true for the event of a task that has stopped. */
  readonly tellEvent: (event: object, isLast: boolean) => Promise<void>;
}) {
  const { cluster, logGroup, tellEvent } = options;
  const ecs = new ECSClient(clientOptions());
  const logs = new CloudWatchLogsClient(clientOptions());
  const seen = new Set<string>();
  const running = new Set<Promise<void>>();

  async function runTask(task: Task): Promise<void> {
    const arn = task.taskArn ?? '';
    const stream = {
      logGroupName: logGroup,
      logStreamName: `run/runner/${arn.slice(arn.lastIndexOf('/') + 1)}`,
    };
    await logs.send(new CreateLogStreamCommand(stream));
    for (const status of ['PENDING', 'RUNNING']) await tell(task, status);
    const environment = task.overrides?.containerOverrides?.flatMap((each) => each.environment ?? []) ?? [];
    const child = spawn(process.execPath, ['runner-image/dist/runner.js'], {
      env: {
        PATH: process.env.PATH,
        ...Object.fromEntries(environment.map(({ name, value }) => [name, value])),
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));
    const exitCode = await new Promise<number>((resolve) =>
      child.once('close', (code) => resolve(code ?? 137)),
    );
    const logEvents = lines.map((message) => ({ message: message || ' ', timestamp: Date.now() }));
    if (logEvents.length > 0) await logs.send(new PutLogEventsCommand({ ...stream, logEvents }));
    const reason = 'Essential container in task exited';
    await ecs.send(new StopTaskCommand({ cluster, task: arn, reason }));
    await tell(task, 'DEPROVISIONING');
    await tell(task, 'STOPPED', { exitCode, stoppedReason: reason, stopCode: 'EssentialContainerExited' });
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
  const tell = (
    task: Task,
    lastStatus: string,
    { exitCode, ...end }: { exitCode?: number; stoppedReason?: string; stopCode?: string } = {},
  ): Promise<void> => {
    const now = new Date().toISOString();
    const stopped = lastStatus === 'STOPPED' ? { ...end, stoppedAt: now, desiredStatus: 'STOPPED' } : {};
    const event = {
      version: '0',
      id: crypto.randomUUID(),
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      region: 'us-east-1',
      detail: {
        taskArn: task.taskArn,
        lastStatus,
        desiredStatus: 'RUNNING',
        createdAt: now,
        startedAt: now,
        ...stopped,
        cpu: task.overrides?.cpu,
        memory: task.overrides?.memory,
        capacityProviderName: 'FARGATE',
        attributes: [{ name: 'ecs.cpu-architecture', value: 'x86_64' }],
        containers: [{ name: 'runner', lastStatus, ...(exitCode === undefined ? {} : { exitCode }) }],
        overrides: task.overrides,
        startedBy: task.startedBy,
      },
    };
    return tellEvent(event, lastStatus === 'STOPPED');
  };

  return {
    /** Starts what was launched since the last call. */
    async look(): Promise<void> {
      const { taskArns: arns = [] } = await ecs.send(new ListTasksCommand({ cluster }));
      const fresh = arns.filter((arn) => !seen.has(arn));
      if (fresh.length === 0) return;
      const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: fresh }));
      for (const task of tasks) {
        seen.add(task.taskArn ?? '');
        const work = runTask(task).finally(() => running.delete(work));
        running.add(work);
      }
    },
    makeLogGroup: () => logs.send(new CreateLogGroupCommand({ logGroupName: logGroup })),
    launched: (): number => seen.size,
    ended: async (): Promise<void> => void (await Promise.all(running)),
  };
}
