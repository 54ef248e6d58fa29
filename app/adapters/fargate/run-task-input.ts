import type { RunTaskCommandInput } from '@aws-sdk/client-ecs';
import { BerthError } from '../../core/model/errors.ts';
import { ephemeralStorageLimitsGib } from '../../core/model/fargate-size.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import { launchTags, startedByOf } from '../aws/launch-identity.ts';
import { sizeWithServices } from '../aws/service-containers.ts';
import { withinLimit } from '../aws/task-environment.ts';
import type { EcsSettings } from './fargate-settings.ts';
import type { TaskNetwork } from './network-discovery.ts';
import type { RunnerDefinition } from './runner-definition.ts';

export type CapacityProvider = 'FARGATE' | 'FARGATE_SPOT';

/**
 * Builds the input of RunTask.
 *
 * @throws BerthError `launch_failed` if Fargate has no such task.
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
    tags: Object.entries(launchTags(request, settings.installation)).map(([key, value]) => ({ key, value })),
    propagateTags: 'TASK_DEFINITION',
    enableECSManagedTags: true,
  };
}

function overridesOf(
  request: LaunchRequest,
  settings: EcsSettings,
  definition: RunnerDefinition,
): NonNullable<RunTaskCommandInput['overrides']> {
  const { task: size } = sizeWithServices(request);
  const fixed = {
    cpu: String(size.cpuUnits),
    memory: String(size.memoryMib),
    ...storageOf(request),
    ...taskRoleOf(request, settings, definition),
  };
  return withinLimit(request, (environment) => ({
    ...fixed,
    containerOverrides: [{ name: definition.containerName, environment }],
  }));
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

/** Untrusted code never gets the role of the definition; an override can replace the role, but not remove it. */
function taskRoleOf(request: LaunchRequest, settings: EcsSettings, definition: RunnerDefinition) {
  // ECS gives the credentials of the role to every container, so services have them too.
  const isHidden = request.services !== undefined && request.taskRole !== true;
  if (!request.untrusted && isHidden && settings.untrustedTaskRoleArn !== undefined)
    return { taskRoleArn: settings.untrustedTaskRoleArn };
  if (!request.untrusted) {
    return omitUndefined({ taskRoleArn: settings.projectTaskRoleArns?.get(request.projectId) });
  }
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
