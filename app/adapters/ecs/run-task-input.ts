import type { RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { BerthError } from '../../domain/errors.ts';
import { ephemeralStorageLimitsGib, fargateSize } from '../../domain/fargate-size.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import type { EcsSettings } from './ecs-settings.ts';
import { launchTag, runTag, startedByOf } from './launch-identity.ts';
import type { TaskNetwork } from './network-discovery.ts';
import { type RunnerDefinition, tagValue } from './task-definitions.ts';

/** Counted with the characters of the JSON: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html */
export const maxOverrideCharacters = 8_192;

/** The job document has these in full, so that they may be left out where they are too long. The first go first. */
const leftOutFirst = ['TEST_COMMAND', 'REPO_URL', 'BRANCH'];

export type CapacityProvider = 'FARGATE' | 'FARGATE_SPOT';

/**
 * What RunTask is asked for.
 *
 * @throws BerthError `launch_failed` where Fargate has no such task.
 */
export function runTaskInput(options: {
  readonly request: LaunchRequest;
  readonly settings: EcsSettings;
  readonly definition: RunnerDefinition;
  readonly network: TaskNetwork;
  readonly provider: CapacityProvider;
  readonly clientToken: string;
}): RunTaskCommandInput {
  const { request, settings, definition, network, provider, clientToken } = options;
  return {
    cluster: settings.cluster,
    taskDefinition: definition.arn,
    count: 1,
    clientToken,
    startedBy: startedByOf(request.runId),
    capacityProviderStrategy: [{ capacityProvider: provider, weight: 1 }],
    networkConfiguration: {
      awsvpcConfiguration: {
        subnets: [...network.subnets],
        securityGroups: [...network.securityGroups],
        assignPublicIp: network.assignPublicIp,
      },
    },
    overrides: overridesOf(request, settings, definition),
    tags: tagsOf(request),
    propagateTags: 'TASK_DEFINITION',
    enableECSManagedTags: true,
  };
}

function overridesOf(
  request: LaunchRequest,
  settings: EcsSettings,
  definition: RunnerDefinition,
): NonNullable<RunTaskCommandInput['overrides']> {
  const size = fargateSize(request);
  if (size === undefined) {
    const asked = `${request.cpuUnits} CPU units and ${request.memoryMib} MiB`;
    throw new BerthError('launch_failed', `Fargate has no tasks with ${asked}.`, {
      hint: 'It has at most 16 vCPUs (16384 units) and 120 GiB (122880 MiB).',
    });
  }
  const fixed = {
    cpu: String(size.cpuUnits),
    memory: String(size.memoryMib),
    ...storageOf(request),
    ...taskRoleOf(request, settings, definition),
  };
  const withEnvironment = (leftOut: number) => ({
    ...fixed,
    containerOverrides: [
      { name: definition.containerName, environment: environmentOf(request, leftOutFirst.slice(0, leftOut)) },
    ],
  });
  for (let leftOut = 0; leftOut <= leftOutFirst.length; leftOut += 1) {
    const overrides = withEnvironment(leftOut);
    if (JSON.stringify(overrides).length <= maxOverrideCharacters) return overrides;
  }
  const length = JSON.stringify(withEnvironment(leftOutFirst.length)).length;
  throw new BerthError(
    'launch_failed',
    `What the task is told has ${length} characters; ECS takes ${maxOverrideCharacters}.`,
    {
      hint: 'Shorten the URL of the job, or the names and values of the environment.',
    },
  );
}

function environmentOf(
  request: LaunchRequest,
  leftOut: readonly string[],
): { name: string; value: string }[] {
  const all: Record<string, string> = { ...request.env, BERTH_JOB_URL: request.jobUrl };
  return Object.entries(all).flatMap(([name, value]) => (leftOut.includes(name) ? [] : [{ name, value }]));
}

function storageOf({ ephemeralStorageGib: asked }: LaunchRequest) {
  const { minimum, maximum } = ephemeralStorageLimitsGib;
  if (asked === undefined || asked < minimum) return {};
  if (asked > maximum) {
    throw new BerthError('launch_failed', `Fargate has no tasks with ${asked} GiB of storage.`, {
      hint: `It has at most ${maximum} GiB.`,
    });
  }
  return { ephemeralStorage: { sizeInGiB: Math.ceil(asked) } };
}

/** Code that is not trusted never gets the role of the definition; the role cannot be taken away, only replaced. */
function taskRoleOf(request: LaunchRequest, settings: EcsSettings, definition: RunnerDefinition) {
  if (!request.untrusted) return {};
  if (settings.untrustedTaskRoleArn !== undefined) return { taskRoleArn: settings.untrustedTaskRoleArn };
  if (definition.taskRoleArn === undefined) return {};
  throw new BerthError(
    'launch_failed',
    `Code from a fork is not run with the role ${definition.taskRoleArn}.`,
    {
      hint: 'Set BERTH_UNTRUSTED_TASK_ROLE_ARN to a role without permissions that trusts ecs-tasks.amazonaws.com.',
    },
  );
}

function tagsOf({ runId, projectId, stackName, launch }: LaunchRequest): { key: string; value: string }[] {
  const tags: Record<string, string> = {
    [runTag]: runId,
    [launchTag]: String(launch),
    'berth:project': tagValue(projectId),
    ...(stackName === undefined ? {} : { 'berth:stack': tagValue(stackName) }),
  };
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
