import type { EC2Client } from '@aws-sdk/client-ec2';
import {
  DescribeTasksCommand,
  type ECSClient,
  ListTasksCommand,
  type ListTasksCommandInput,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs';
import { runId } from '../../core/model/ids.ts';
import type { TaskStatus } from '../../core/model/task.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { chunk } from '../../lib/split-list.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Executor, LaunchRequest } from '../../ports/executor.ts';
import { isAwsError } from '../aws/aws-error-kind.ts';
import {
  installationTag,
  keepTag,
  launchTag,
  runTag,
  startedByOf,
  tagValue,
} from '../aws/launch-identity.ts';
import { withdrawLaunch } from '../aws/withdraw-launch.ts';
import type { EcsSettings } from './fargate-settings.ts';
import { hasArn, type Launched, launchTask } from './launch-task.ts';
import { createNetworkDiscovery } from './network-discovery.ts';
import { createTaskDefinitions } from './task-definitions.ts';
import { taskStatus } from './task-status.ts';

export interface EcsExecutorDeps {
  readonly ecs: Pick<ECSClient, 'send'>;
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly settings: EcsSettings;
  readonly clock: Clock;
  /** An even number in [0, 1), for waits. */
  readonly random: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html */
const describedAtOnce = 100;
/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html */
const longestReason = 255;

type FoundTask = Task & { readonly taskArn: string };

/** Runs tasks on Fargate, through ECS. */
export function createEcsExecutor(deps: EcsExecutorDeps): Executor {
  const { ecs, ec2, settings, clock } = deps;
  const { cluster } = settings;
  const definitions = createTaskDefinitions({ ecs, clock, settings });
  const network = createNetworkDiscovery({ ec2, clock, settings });

  const describeTasks = async (arns: readonly string[], tags = false): Promise<readonly FoundTask[]> => {
    const include = tags ? { include: ['TAGS' as const] } : {};
    const answers = await Promise.all(
      chunk(arns, describedAtOnce).map((batch) =>
        ecs.send(new DescribeTasksCommand({ cluster, tasks: batch, ...include })),
      ),
    );
    return answers.flatMap(({ tasks = [] }) => tasks.filter(hasArn));
  };

  const listTaskArns = async (filter: ListTasksCommandInput): Promise<readonly string[]> => {
    const arns: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await ecs.send(
        new ListTasksCommand({ cluster, ...filter, ...omitUndefined({ nextToken }) }),
      );
      arns.push(...(page.taskArns ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined && nextToken !== '');
    return arns;
  };

  const statusOf = async (task: FoundTask): Promise<TaskStatus> => {
    const name = task.taskDefinitionArn ?? settings.taskDefinition;
    return taskStatus(task, await definitions.byArn(name));
  };

  /** AWS forgets the client token after a day at most. Longer tasks are found by their run. */
  const findLaunched = async (request: LaunchRequest): Promise<FoundTask | undefined> => {
    const arns = await listTaskArns({ startedBy: startedByOf(request.runId) });
    const tasks = arns.length === 0 ? [] : await describeTasks(arns, true);
    return tasks.find(
      (task) => tagOf(task, runTag) === request.runId && tagOf(task, launchTag) === String(request.launch),
    );
  };

  /** Describes a task that an earlier call launched: only its ARN is known. */
  const statusOfLaunched = async ({ task, definition }: Launched): Promise<TaskStatus> => {
    if (task.lastStatus !== undefined) return taskStatus(task, definition);
    const [described] = await describeTasks([task.taskArn]);
    return taskStatus(described ?? task, definition);
  };

  const launch = async (request: LaunchRequest): Promise<TaskStatus> => {
    // Two first calls at the same time have the same client token, and launch one task.
    const earlier = request.isFirstCall === true ? undefined : await findLaunched(request);
    if (earlier !== undefined) return statusOf(earlier);
    return statusOfLaunched(await launchTask({ ...deps, definitions, network }, request));
  };

  return {
    name: 'fargate',
    launch,
    withdraw: (request) => withdrawLaunch(launch, request),

    describe: async (tasks) => {
      const found = await describeTasks(tasks.map(({ arn }) => arn));
      const statuses = await Promise.all(found.map(statusOf));
      return new Map(statuses.map((status) => [status.arn, status]));
    },

    stop: async ({ arn }, reason) => {
      try {
        await ecs.send(new StopTaskCommand({ cluster, task: arn, reason: reason.slice(0, longestReason) }));
      } catch (error) {
        if (!isUnknownTask(error)) throw error;
      }
    },

    // ECS forgets a stopped task by itself.
    remove: async () => {},

    listTasks: async () => {
      const found = await describeTasks(await listTaskArns({ desiredStatus: 'RUNNING' }), true);
      return found.flatMap((task) => {
        const run = tagOf(task, runTag);
        if (run === undefined || tagOf(task, installationTag) !== tagValue(settings.installation)) return [];
        const ref = { executor: 'fargate', arn: task.taskArn };
        return [{ task: ref, runId: runId(run), keep: tagOf(task, keepTag) !== undefined, isStopped: false }];
      });
    },
  };
}

function tagOf(task: Task, name: string): string | undefined {
  return task.tags?.find(({ key }) => key === name)?.value;
}

function isUnknownTask(error: unknown): boolean {
  return isAwsError(error, 'InvalidParameterException') && /task was not found/i.test(error.message);
}
