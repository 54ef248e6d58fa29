import type { Container, Task } from '@aws-sdk/client-ecs';
import { lastStatuses, type TaskStatus } from '../../core/model/task.ts';
import { explainReason, explainStop } from '../../core/model/task-failure.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { serviceStatuses, servicesFailure } from '../aws/service-containers.ts';
import type { RunnerDefinition } from './runner-definition.ts';

/** Translates a task of ECS. */
export function taskStatus(task: Task & { taskArn: string }, definition: RunnerDefinition): TaskStatus {
  const lastStatus = lastStatusOf(task);
  const container = task.containers?.find(({ name }) => name === definition.containerName);
  const failure = lastStatus === 'STOPPED' ? failureOf(task, container) : undefined;
  const log = logOf(task.taskArn, definition);
  return {
    arn: task.taskArn,
    lastStatus,
    desiredStatus: task.desiredStatus === 'STOPPED' ? 'STOPPED' : 'RUNNING',
    ...omitUndefined({ createdAt: task.createdAt, startedAt: task.startedAt, stoppedAt: task.stoppedAt }),
    ...(task.stoppedReason ? { stoppedReason: task.stoppedReason } : {}),
    ...(lastStatus !== 'STOPPED' || container?.exitCode === undefined
      ? {}
      : { exitCode: container.exitCode }),
    ...omitUndefined({ failure, log, services: servicesOf(task, definition) }),
    ...resourcesOf(task),
  };
}

function servicesOf(task: Task & { taskArn: string }, definition: RunnerDefinition): TaskStatus['services'] {
  return serviceStatuses(task.containers ?? [], ({ name }) =>
    logOf(task.taskArn, { ...definition, containerName: name }),
  );
}

function lastStatusOf({ lastStatus }: Task): TaskStatus['lastStatus'] {
  // `DELETED` comes after `STOPPED`. A new task sometimes has no status.
  if (lastStatus === 'DELETED') return 'STOPPED';
  return lastStatuses.find((status) => status === lastStatus) ?? 'PROVISIONING';
}

function failureOf(task: Task, container: Container | undefined): TaskStatus['failure'] {
  const memoryMib = Number(task.memory);
  const neverStarted = container?.exitCode === undefined && task.stopCode !== 'UserInitiated';
  const isExplained = explainReason([task.stoppedReason, container?.reason].join(' ')) !== undefined;
  const ofServices = neverStarted && !isExplained ? servicesFailure(task.containers ?? []) : undefined;
  if (ofServices !== undefined) return ofServices;
  return explainStop(
    omitUndefined({
      stopCode: task.stopCode,
      ...(task.stoppedReason ? { stoppedReason: task.stoppedReason } : {}),
      containerReason: container?.reason === undefined ? undefined : container.reason,
      ...(Number.isFinite(memoryMib) ? { memoryMib } : {}),
    }),
  );
}

/** The stream's name is `prefix/container/task`: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
function logOf(arn: string, { log, containerName }: RunnerDefinition): TaskStatus['log'] {
  if (log === undefined) return undefined;
  const taskId = arn.slice(arn.lastIndexOf('/') + 1);
  return { group: log.group, stream: `${log.streamPrefix}/${containerName}/${taskId}`, region: log.region };
}

function resourcesOf(task: Task): Pick<TaskStatus, 'resources'> {
  const cpuUnits = Number(task.cpu);
  const memoryMib = Number(task.memory);
  const region = task.taskArn?.split(':')[3];
  if (!(cpuUnits > 0 && memoryMib > 0) || region === undefined) return {};
  const arm = task.attributes?.some(
    ({ name, value }) => name === 'ecs.cpu-architecture' && value === 'arm64',
  );
  const storageGib = task.ephemeralStorage?.sizeInGiB;
  return {
    resources: omitUndefined({
      cpuUnits,
      memoryMib,
      storageGib,
      architecture: arm === true ? 'ARM64' : 'X86_64',
      spot: task.capacityProviderName === 'FARGATE_SPOT',
      region,
    }),
  };
}
