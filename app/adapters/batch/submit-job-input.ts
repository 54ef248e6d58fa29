import type { SubmitJobCommandInput } from '@aws-sdk/client-batch';
import { BerthError } from '../../core/model/errors.ts';
import { fargatePrices } from '../../core/model/fargate-prices.ts';
import type { FargateSize } from '../../core/model/fargate-size.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { LaunchRequest } from '../../ports/executor.ts';
import { jobNameOf, launchTags } from '../aws/launch-identity.ts';
import { sizeWithServices } from '../aws/service-containers.ts';
import { withinLimit } from '../aws/task-environment.ts';
import type { BatchSettings } from './batch-settings.ts';
import { requirementsOf, runnerContainerName } from './job-definitions.ts';

/** The runner keeps the limit itself, and then reports and uploads; this ends a job whose runner cannot. */
const laterThanRunnerSeconds = 900;

/**
 * Builds the input of SubmitJob.
 *
 * @throws BerthError `launch_failed` if Fargate does not support the job.
 */
export function submitJobInput(
  request: LaunchRequest,
  settings: BatchSettings,
  jobDefinition: string,
): SubmitJobCommandInput {
  const { commands: size } = sizeWithServices(request);
  refuseStorage(request);
  const env = omitUndefined({ ...request.env, RUN_ID: request.runId, S3_BUCKET_NAME: settings.bucket });
  return {
    jobName: jobNameOf(request.runId, request.launch),
    jobQueue: settings.jobQueue,
    jobDefinition,
    ...overridesOf(request.services !== undefined, { ...request, env }, size),
    // Only Berth retries a job.
    retryStrategy: { attempts: 1 },
    timeout: { attemptDurationSeconds: request.timeoutSeconds + laterThanRunnerSeconds },
    propagateTags: true,
    tags: launchTags(request, settings.installation),
  };
}

function overridesOf(
  hasServices: boolean,
  request: LaunchRequest,
  size: FargateSize,
): Pick<SubmitJobCommandInput, 'containerOverrides' | 'ecsPropertiesOverride'> {
  const overrides = withinLimit(request, (variables) => ({
    environment: variables,
    resourceRequirements: requirementsOf(size),
  }));
  if (!hasServices) return { containerOverrides: overrides };
  return {
    ecsPropertiesOverride: {
      taskProperties: [{ containers: [{ name: runnerContainerName, ...overrides }] }],
    },
  };
}

function refuseStorage({ ephemeralStorageGib: asked }: LaunchRequest): void {
  if (asked === undefined || asked <= fargatePrices.freeStorageGib) return;
  throw new BerthError('launch_failed', `Batch cannot give one job ${asked} GiB of storage.`, {
    hint: 'Set ephemeralStorage in the job definition, and leave `storage` out of the suite.',
  });
}
