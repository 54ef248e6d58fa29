import {
  type ContainerDefinition,
  DescribeTaskDefinitionCommand,
  type ECSClient,
  type Tag,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { errorKindOf } from '../aws/aws-error-kind.ts';
import type { EcsSettings } from './fargate-settings.ts';

/** The parts of a task definition that a launch needs. */
export interface RunnerDefinition {
  /** Or its family, if only the settings were read. */
  readonly arn: string;
  readonly containerName: string;
  readonly taskRoleArn?: string;
  readonly log?: { readonly group: string; readonly region: string; readonly streamPrefix: string };
}

/** A task definition as ECS returns it. */
export type Described = { readonly definition: TaskDefinition; readonly tags: readonly Tag[] };

/**
 * Reads an active task definition.
 *
 * @throws BerthError `launch_failed` if it does not exist.
 */
export async function describeActive(ecs: Pick<ECSClient, 'send'>, name: string): Promise<Described> {
  const found = await describe(ecs, name);
  if (found === undefined || found.definition.status === 'INACTIVE') throw noDefinition(name);
  return found;
}

/** The error for a task definition that cannot be used. */
export function noDefinition(name: string): BerthError {
  return new BerthError('launch_failed', `There is no task definition ${name}, or it is not active.`, {
    hint: 'Set ECS_TASK_DEFINITION_ARN to one that exists in this region and account.',
  });
}

/** Reads a task definition; undefined if it does not exist. */
export async function describe(ecs: Pick<ECSClient, 'send'>, name: string): Promise<Described | undefined> {
  try {
    const command = new DescribeTaskDefinitionCommand({ taskDefinition: name, include: ['TAGS'] });
    const { taskDefinition: definition, tags = [] } = await ecs.send(command);
    return definition === undefined ? undefined : { definition, tags };
  } catch (error) {
    const refused = errorKindOf(error) === 'refused' && error instanceof Error;
    if (refused && /unable to describe task ?definition/i.test(error.message)) return undefined;
    throw error;
  }
}

/**
 * Finds the runner in a task definition.
 *
 * @throws BerthError `launch_failed` if it has no container of the runner.
 */
export function toRunnerDefinition(definition: TaskDefinition, settings: EcsSettings): RunnerDefinition {
  const { taskDefinitionArn: arn, containerDefinitions = [], taskRoleArn } = definition;
  const container = runnerContainer(containerDefinitions, settings.containerName);
  if (arn === undefined || container?.name === undefined) {
    const wanted =
      settings.containerName === undefined ? 'essential container' : `container ${settings.containerName}`;
    throw new BerthError('launch_failed', `The task definition ${arn ?? ''} has no ${wanted}.`, {
      hint: 'Set CONTAINER_NAME to the name of the container with the runner.',
    });
  }
  const log = settings.log === undefined ? logOf(container) : { ...settings.log, region: settings.region };
  return omitUndefined({
    arn,
    containerName: container.name,
    ...(taskRoleArn ? { taskRoleArn } : {}),
    log: log === undefined ? undefined : { ...log, region: log.region ?? settings.region },
  });
}

function runnerContainer(
  containers: readonly ContainerDefinition[],
  name: string | undefined,
): ContainerDefinition | undefined {
  if (name !== undefined) return containers.find((container) => container.name === name);
  // A container is essential unless its definition says otherwise.
  return containers.find((container) => container.essential !== false);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
function logOf(
  container: ContainerDefinition,
): { group: string; region: string | undefined; streamPrefix: string } | undefined {
  if (container.logConfiguration?.logDriver !== 'awslogs') return undefined;
  const options = container.logConfiguration.options ?? {};
  const group = options['awslogs-group'];
  const streamPrefix = options['awslogs-stream-prefix'];
  if (group === undefined || streamPrefix === undefined) return undefined;
  return { group, region: options['awslogs-region'], streamPrefix };
}
