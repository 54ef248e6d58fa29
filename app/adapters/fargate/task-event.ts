import type { Task } from '@aws-sdk/client-ecs';
import { z } from 'zod';
import type { TaskStatus } from '../../core/model/task.ts';
import type { EcsSettings } from './fargate-settings.ts';
import { taskStatus } from './task-status.ts';

const date = z.iso.datetime().transform((text) => new Date(text));

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
const eventSchema = z.object({
  taskArn: z.string(),
  lastStatus: z.string(),
  desiredStatus: z.string().exactOptional(),
  createdAt: date.exactOptional(),
  startedAt: date.exactOptional(),
  stoppedAt: date.exactOptional(),
  stopCode: z.string().exactOptional(),
  stoppedReason: z.string().exactOptional(),
  cpu: z.string().exactOptional(),
  memory: z.string().exactOptional(),
  capacityProviderName: z.string().exactOptional(),
  ephemeralStorage: z.object({ sizeInGiB: z.number() }).exactOptional(),
  attributes: z.array(z.object({ name: z.string(), value: z.string().exactOptional() })).exactOptional(),
  containers: z.array(
    z.object({
      name: z.string().exactOptional(),
      exitCode: z.number().exactOptional(),
      reason: z.string().exactOptional(),
    }),
  ),
});

/**
 * Reads the status of a task from its event, which saves a call to ECS.
 *
 * @param detail of an `ECS Task State Change`.
 * @returns undefined if the event or the settings do not say enough: then the caller asks ECS.
 */
export function statusOfTaskEvent(
  detail: unknown,
  { containerName, log, region }: Pick<EcsSettings, 'containerName' | 'log' | 'region'>,
): TaskStatus | undefined {
  const parsed = eventSchema.safeParse(detail);
  if (!parsed.success || containerName === undefined || log === undefined) return undefined;
  // AWS documents stop codes as an open list; the types of its SDK are a closed one.
  const task = parsed.data as Task & { taskArn: string };
  return taskStatus(task, { arn: task.taskDefinitionArn ?? '', containerName, log: { ...log, region } });
}
