import { createHash } from 'node:crypto';
import {
  type ContainerDefinition,
  type ContainerDependency,
  type ECSClient,
  RegisterTaskDefinitionCommand,
  type RegisterTaskDefinitionCommandInput,
} from '@aws-sdk/client-ecs';
import type { Service } from '../../core/model/service.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import { tagValue } from '../aws/launch-identity.ts';
import {
  containerNameOf,
  definedServices,
  longestStartSeconds,
  serviceContainer,
  sizeWithServices,
} from '../aws/service-containers.ts';
import type { EcsSettings } from './fargate-settings.ts';
import {
  type Described,
  describe,
  describeActive,
  noDefinition,
  type RunnerDefinition,
  toRunnerDefinition,
} from './runner-definition.ts';

type Ecs = Pick<ECSClient, 'send'>;

export interface TaskDefinitions {
  /**
   * Finds or registers the definition that runs an image.
   *
   * @param image a family from the settings, or a container image; if omitted, the definition of the settings.
   * @throws BerthError `launch_failed` if the definition is missing or cannot run the runner.
   */
  forImage(image: string | undefined): Promise<RunnerDefinition>;
  /** The definition that runs a request with services. @throws BerthError as {@link forImage}. */
  withServices(request: LaunchRequest): Promise<RunnerDefinition>;
  /** The definition of a task that was launched. */
  byArn(arn: string): Promise<RunnerDefinition>;
  /** Drops the cached result, so that the next call reads the definition again. */
  forget(): void;
}

/** A family may have a newer revision after this time. */
const keepSeconds = 600;

/**
 * RunTask cannot override the image of a container: it is part of the task definition
 * (https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerOverride.html). So each image gets a separate
 * family, a copy of the settings' definition with that image, registered by the first run that uses it. Its name
 * has a digest of the image and of the copied definition, so that it is found again, and replaced when
 * that definition changes.
 */
export function createTaskDefinitions(deps: {
  readonly ecs: Ecs;
  readonly clock: Clock;
  readonly settings: EcsSettings;
}): TaskDefinitions {
  const { ecs, clock, settings } = deps;
  const memory = ttlCache<RunnerDefinition>(clock, keepSeconds);
  const active = (name: string) =>
    memory.get(name, async () => toRunnerDefinition((await describeActive(ecs, name)).definition, settings));
  // A task may outlive its definition, which is then inactive.
  const any = (arn: string) =>
    memory.get(`any ${arn}`, async () => {
      const found = await describe(ecs, arn);
      if (found === undefined) throw noDefinition(arn);
      return toRunnerDefinition(found.definition, settings);
    });

  return {
    forImage: async (image) => {
      if (image === undefined) {
        const untrustedIsSettled = settings.untrustedTaskRoleArn !== undefined;
        const named = untrustedIsSettled ? fromSettings(settings.taskDefinition, settings) : undefined;
        return named ?? active(settings.taskDefinition);
      }
      if (settings.offeredTaskDefinitions.includes(image)) return active(image);
      return memory.get(`image ${image}`, () => definitionOfImage(ecs, settings, image));
    },
    withServices: (request) => {
      const size = sizeWithServices(request);
      const key = JSON.stringify([request.image, definedServices(request), size.task]);
      return memory.get(`services ${key}`, () => definitionOfServices(ecs, settings, request));
    },
    byArn: async (arn) => fromSettings(arn, settings) ?? any(arn),
    forget: memory.forget,
  };
}

/** If the settings are complete, no call is made. */
function fromSettings(
  arn: string,
  { containerName, log, region }: EcsSettings,
): RunnerDefinition | undefined {
  if (containerName === undefined || log === undefined) return undefined;
  return { arn, containerName, log: { ...log, region } };
}

async function definitionOfImage(ecs: Ecs, settings: EcsSettings, image: string): Promise<RunnerDefinition> {
  const base = await describeActive(ecs, settings.taskDefinition);
  const runner = toRunnerDefinition(base.definition, settings);
  const family = familyOf(base, 'image', `${runner.arn}\n${image}`);
  return registerOnce(ecs, settings, copyOf(base, family, runner, image));
}

/** @param content identifies the copy of a definition, together with its kind. */
function familyOf({ definition }: Described, kind: 'image' | 'image-services', content: string): string {
  const digest = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return `${(definition.family ?? 'berth').slice(0, 230)}-${kind}-${digest}`;
}

/** Registers a definition, unless its family exists. */
async function registerOnce(
  ecs: Ecs,
  settings: EcsSettings,
  copy: RegisterTaskDefinitionCommandInput & { readonly family: string },
): Promise<RunnerDefinition> {
  const existing = await describe(ecs, copy.family);
  if (existing?.definition.status === 'ACTIVE') return toRunnerDefinition(existing.definition, settings);
  const made = await ecs.send(new RegisterTaskDefinitionCommand(copy));
  if (made.taskDefinition === undefined)
    throw new Error('RegisterTaskDefinition answered without a definition');
  return toRunnerDefinition(made.taskDefinition, settings);
}

function copyOf(
  { definition, tags }: Described,
  family: string,
  runner: RunnerDefinition,
  image: string | undefined,
) {
  const containers = definition.containerDefinitions ?? [];
  return {
    family,
    containerDefinitions: containers.map((container) =>
      container.name === runner.containerName ? { ...container, image } : container,
    ),
    taskRoleArn: definition.taskRoleArn,
    executionRoleArn: definition.executionRoleArn,
    networkMode: definition.networkMode,
    volumes: definition.volumes,
    requiresCompatibilities: definition.requiresCompatibilities ?? ['FARGATE' as const],
    cpu: definition.cpu,
    memory: definition.memory,
    pidMode: definition.pidMode,
    ephemeralStorage: definition.ephemeralStorage,
    runtimePlatform: definition.runtimePlatform,
    tags: [
      ...tags.filter(({ key }) => key !== 'berth:image'),
      ...(image === undefined ? [] : [{ key: 'berth:image', value: tagValue(image) }]),
    ],
  };
}

/**
 * Services are containers of the task definition, and so is their size. Each set of services gets a separate family, like
 * each image.
 */
async function definitionOfServices(
  ecs: Ecs,
  settings: EcsSettings,
  request: LaunchRequest,
): Promise<RunnerDefinition> {
  const { image } = request;
  const isFamily = image !== undefined && settings.offeredTaskDefinitions.includes(image);
  const base = await describeActive(ecs, isFamily ? image : settings.taskDefinition);
  const runner = toRunnerDefinition(base.definition, settings);
  const services = definedServices(request);
  const { task: size } = sizeWithServices(request);
  const family = familyOf(base, 'image-services', JSON.stringify([runner.arn, image, services, size]));
  const own = (base.definition.containerDefinitions ?? []).find(({ name }) => name === runner.containerName);
  const copy = copyOf(base, family, runner, isFamily ? own?.image : (image ?? own?.image));
  return registerOnce(ecs, settings, {
    ...copy,
    cpu: String(size.cpuUnits),
    memory: String(size.memoryMib),
    containerDefinitions: [
      ...copy.containerDefinitions.map((container) =>
        container.name === runner.containerName
          ? { ...container, dependsOn: [...(container.dependsOn ?? []), ...services.map(dependency)] }
          : container,
      ),
      ...services.map((service) => serviceDefinition(service, own)),
    ],
  });
}

function dependency(service: Service): ContainerDependency {
  return {
    containerName: containerNameOf(service),
    condition: service.ready === undefined ? 'START' : 'HEALTHY',
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
function serviceDefinition(service: Service, runner: ContainerDefinition | undefined): ContainerDefinition {
  const { ready, timeoutSeconds } = service;
  return {
    ...serviceContainer(service),
    cpu: service.cpuUnits,
    memory: service.memoryMib,
    logConfiguration: runner?.logConfiguration,
    startTimeout: Math.min(timeoutSeconds, longestStartSeconds),
    // The end of the task waits for it, and is paid for.
    stopTimeout: 5,
    ...(ready === undefined
      ? {}
      : {
          healthCheck: {
            command: ['CMD-SHELL', ready],
            interval: 5,
            timeout: 30,
            retries: 10,
            startPeriod: Math.min(timeoutSeconds, 300),
          },
        }),
  };
}
