import { createHash } from 'node:crypto';
import {
  type BatchClient,
  DescribeJobDefinitionsCommand,
  type JobDefinition,
  RegisterJobDefinitionCommand,
  type RegisterJobDefinitionCommandInput,
} from '@aws-sdk/client-batch';
import { BerthError } from '../../core/model/errors.ts';
import type { FargateSize } from '../../core/model/fargate-size.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import {
  containerNameOf,
  definedServices,
  noRunner,
  serviceContainer,
  sizeWithServices,
} from '../aws/service-containers.ts';
import type { BatchSettings } from './batch-settings.ts';

type Batch = Pick<BatchClient, 'send'>;

const keepSeconds = 600;

/** The part of a request that a job definition depends on. */
type DefinedRequest = Pick<
  LaunchRequest,
  'projectId' | 'image' | 'untrusted' | 'services' | 'cpuUnits' | 'memoryMib'
>;

/** The container of the runner in a job with services. */
export const runnerContainerName = 'runner';

/** Sizes as Batch takes them. */
export function requirementsOf({ cpuUnits, memoryMib }: FargateSize) {
  return [
    { type: 'VCPU' as const, value: String(cpuUnits / 1024) },
    { type: 'MEMORY' as const, value: String(memoryMib) },
  ];
}

/**
 * Chooses the job definition of a request. SubmitJob can replace neither the image nor the role of a definition
 * (https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerOverrides.html), so each image gets a copy of the
 * settings' definition, registered only once, and untrusted code runs by a separate definition.
 *
 * @returns name or ARN, for SubmitJob.
 */
export function createJobDefinitions(deps: {
  readonly batch: Batch;
  readonly clock: Clock;
  readonly settings: BatchSettings;
}): (request: DefinedRequest) => Promise<string> {
  const { batch, clock, settings } = deps;
  const memory = ttlCache<string>(clock, keepSeconds);
  return async (request) => {
    const { projectId, image, untrusted } = request;
    const base = untrusted
      ? (settings.untrustedJobDefinition ??
        (await memory.get('untrusted', () => withoutRole(batch, settings.jobDefinition))))
      : (settings.projectJobDefinitions?.get(projectId) ?? settings.jobDefinition);
    if (request.services !== undefined) {
      const key = JSON.stringify([base, image, definedServices(request), sizeWithServices(request)]);
      return memory.get(`services ${key}`, () => definitionOfServices(batch, base, request));
    }
    return image === undefined
      ? base
      : memory.get(`${base} ${image}`, () => definitionOfImage(batch, base, image));
  };
}

/** @throws BerthError if the definition would give its role to code from a fork. */
async function withoutRole(batch: Batch, name: string): Promise<string> {
  const { containerProperties } = await describeActive(batch, name);
  const role = containerProperties?.jobRoleArn;
  if (!role) return name;
  throw new BerthError('launch_failed', `Code from a fork is not run with the role ${role}.`, {
    hint: 'Set BERTH_BATCH_UNTRUSTED_JOB_DEFINITION to a job definition without a job role.',
  });
}

async function definitionOfImage(batch: Batch, baseName: string, image: string): Promise<string> {
  const base = await describeActive(batch, baseName);
  return registerOnce(batch, base, {
    kind: 'image',
    content: `${base.jobDefinitionArn}\n${image}`,
    properties: { containerProperties: { ...base.containerProperties, image } },
  });
}

/**
 * Registers a copy of a definition with other properties, unless it exists.
 *
 * @param copy.content identifies the copy, together with its kind.
 */
async function registerOnce(
  batch: Batch,
  base: JobDefinition,
  copy: {
    readonly kind: 'image' | 'image-services';
    readonly content: string;
    readonly properties: Pick<RegisterJobDefinitionCommandInput, 'containerProperties' | 'ecsProperties'>;
  },
): Promise<string> {
  const digest = createHash('sha256').update(copy.content).digest('hex').slice(0, 16);
  const name = `${(base.jobDefinitionName ?? 'berth').slice(0, 100)}-${copy.kind}-${digest}`;
  const existing = await describe(batch, name);
  if (existing?.jobDefinitionArn !== undefined) return existing.jobDefinitionArn;
  const made = await batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: name,
      type: 'container',
      platformCapabilities: ['FARGATE'],
      ...copy.properties,
      tags: base.tags,
      propagateTags: base.propagateTags,
    }),
  );
  return made.jobDefinitionArn ?? name;
}

/**
 * A job with several containers needs another kind of definition, in which sizes are those of the containers:
 * https://docs.aws.amazon.com/batch/latest/userguide/create-job-definition-Fargate.html
 */
async function definitionOfServices(
  batch: Batch,
  baseName: string,
  request: DefinedRequest,
): Promise<string> {
  const base = await describeActive(batch, baseName);
  const { containerProperties: runner } = base;
  if (runner === undefined) throw noRunner(baseName);
  const services = definedServices(request);
  const { commands } = sizeWithServices(request);
  const image = request.image ?? runner.image;
  return registerOnce(batch, base, {
    kind: 'image-services',
    content: JSON.stringify([base.jobDefinitionArn, image, services, commands]),
    properties: {
      ecsProperties: {
        taskProperties: [
          {
            executionRoleArn: runner.executionRoleArn,
            taskRoleArn: runner.jobRoleArn,
            platformVersion: runner.fargatePlatformConfiguration?.platformVersion,
            networkConfiguration: runner.networkConfiguration,
            ephemeralStorage: runner.ephemeralStorage,
            runtimePlatform: runner.runtimePlatform,
            volumes: runner.volumes,
            containers: [
              {
                name: runnerContainerName,
                image,
                essential: true,
                command: runner.command,
                environment: runner.environment,
                secrets: runner.secrets,
                user: runner.user,
                ulimits: runner.ulimits,
                mountPoints: runner.mountPoints,
                linuxParameters: runner.linuxParameters,
                logConfiguration: runner.logConfiguration,
                repositoryCredentials: request.image === undefined ? runner.repositoryCredentials : undefined,
                readonlyRootFilesystem: runner.readonlyRootFilesystem,
                resourceRequirements: requirementsOf(commands),
                // Batch has no health checks: the runner waits for the ports of the services.
                dependsOn: services.map((service) => ({
                  containerName: containerNameOf(service),
                  condition: 'START',
                })),
              },
              ...services.map((service) => ({
                ...serviceContainer(service),
                resourceRequirements: requirementsOf(service),
                logConfiguration: runner.logConfiguration,
              })),
            ],
          },
        ],
      },
    },
  });
}

async function describeActive(batch: Batch, name: string): Promise<JobDefinition> {
  const found = await describe(batch, name);
  if (found !== undefined) return found;
  throw new BerthError('launch_failed', `There is no active job definition ${name}.`, {
    hint: 'Set BERTH_BATCH_JOB_DEFINITION to one that exists in this region and account.',
  });
}

/** The newest active revision, or the named one. */
async function describe(batch: Batch, name: string): Promise<JobDefinition | undefined> {
  const exact = /:\d+$/.test(name) || name.startsWith('arn:');
  const by = exact ? { jobDefinitions: [name] } : { jobDefinitionName: name };
  const { jobDefinitions = [] } = await batch.send(
    new DescribeJobDefinitionsCommand({ ...by, status: 'ACTIVE' }),
  );
  return jobDefinitions.toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0];
}
