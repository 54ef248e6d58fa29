import { createHash } from 'node:crypto';
import {
  type BatchClient,
  DescribeJobDefinitionsCommand,
  type JobDefinition,
  RegisterJobDefinitionCommand,
} from '@aws-sdk/client-batch';
import { BerthError } from '../../core/model/errors.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import type { BatchSettings } from './batch-settings.ts';

const keepSeconds = 600;

/**
 * Chooses the job definition of a request. SubmitJob can replace neither the image nor the role of a definition
 * (https://docs.aws.amazon.com/batch/latest/APIReference/API_ContainerOverrides.html), so each image gets a copy of the
 * settings' definition, registered only one time, and untrusted code runs by a separate definition.
 *
 * @returns name or ARN, for SubmitJob.
 */
export function createJobDefinitions(deps: {
  readonly batch: Pick<BatchClient, 'send'>;
  readonly clock: Clock;
  readonly settings: BatchSettings;
}): (request: Pick<LaunchRequest, 'projectId' | 'image' | 'untrusted'>) => Promise<string> {
  const { batch, clock, settings } = deps;
  const memory = ttlCache<string>(clock, keepSeconds);
  return async ({ projectId, image, untrusted }) => {
    const base = untrusted
      ? (settings.untrustedJobDefinition ??
        (await memory.get('untrusted', () => withoutRole(batch, settings.jobDefinition))))
      : (settings.projectJobDefinitions?.get(projectId) ?? settings.jobDefinition);
    return image === undefined
      ? base
      : memory.get(`${base} ${image}`, () => definitionOfImage(batch, base, image));
  };
}

/** @throws BerthError if the definition would give its role to code from a fork. */
async function withoutRole(batch: Pick<BatchClient, 'send'>, name: string): Promise<string> {
  const { containerProperties } = await describeActive(batch, name);
  const role = containerProperties?.jobRoleArn;
  if (!role) return name;
  throw new BerthError('launch_failed', `Code from a fork is not run with the role ${role}.`, {
    hint: 'Set BERTH_BATCH_UNTRUSTED_JOB_DEFINITION to a job definition without a job role.',
  });
}

async function definitionOfImage(
  batch: Pick<BatchClient, 'send'>,
  baseName: string,
  image: string,
): Promise<string> {
  const base = await describeActive(batch, baseName);
  const digest = createHash('sha256').update(`${base.jobDefinitionArn}\n${image}`).digest('hex').slice(0, 16);
  const name = `${(base.jobDefinitionName ?? 'berth').slice(0, 100)}-image-${digest}`;
  const existing = await describe(batch, name);
  if (existing?.jobDefinitionArn !== undefined) return existing.jobDefinitionArn;
  const made = await batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: name,
      type: 'container',
      platformCapabilities: ['FARGATE'],
      containerProperties: { ...base.containerProperties, image },
      tags: base.tags,
      propagateTags: base.propagateTags,
    }),
  );
  return made.jobDefinitionArn ?? name;
}

async function describeActive(batch: Pick<BatchClient, 'send'>, name: string): Promise<JobDefinition> {
  const found = await describe(batch, name);
  if (found !== undefined) return found;
  throw new BerthError('launch_failed', `There is no active job definition ${name}.`, {
    hint: 'Set BERTH_BATCH_JOB_DEFINITION to one that exists in this region and account.',
  });
}

/** The newest active revision, or the named one. */
async function describe(batch: Pick<BatchClient, 'send'>, name: string): Promise<JobDefinition | undefined> {
  const exact = /:\d+$/.test(name) || name.startsWith('arn:');
  const by = exact ? { jobDefinitions: [name] } : { jobDefinitionName: name };
  const { jobDefinitions = [] } = await batch.send(
    new DescribeJobDefinitionsCommand({ ...by, status: 'ACTIVE' }),
  );
  return jobDefinitions.toSorted((a, b) => (b.revision ?? 0) - (a.revision ?? 0))[0];
}
