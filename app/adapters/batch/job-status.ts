import type { ContainerDetail, JobDetail, JobStatus } from '@aws-sdk/client-batch';
import type { TaskStatus } from '../../core/model/task.ts';
import { explainStop } from '../../core/model/task-failure.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { BatchSettings } from './batch-settings.ts';

/** https://docs.aws.amazon.com/batch/latest/userguide/job_states.html */
const lastStatusOf: Readonly<Record<JobStatus, TaskStatus['lastStatus']>> = {
  SUBMITTED: 'PROVISIONING',
  PENDING: 'PROVISIONING',
  RUNNABLE: 'PROVISIONING',
  STARTING: 'PENDING',
  RUNNING: 'RUNNING',
  SUCCEEDED: 'STOPPED',
  FAILED: 'STOPPED',
};

/** Translates a job of Batch into the terms of ECS. */
export function jobStatus(job: JobDetail & { jobArn: string }, settings: BatchSettings): TaskStatus {
  const lastStatus = lastStatusOf[job.status ?? 'SUBMITTED'];
  const stopped = lastStatus === 'STOPPED';
  const told = job.isTerminated === true || job.isCancelled === true;
  const failure = job.status === 'FAILED' ? failureOf(job, told) : undefined;
  const stream = job.container?.logStreamName;
  const resources = resourcesOf(job.container, settings);
  const exitCode = job.container?.exitCode;
  return omitUndefined({
    arn: job.jobArn,
    lastStatus,
    desiredStatus: stopped || told ? 'STOPPED' : 'RUNNING',
    createdAt: job.createdAt === undefined ? undefined : new Date(job.createdAt),
    startedAt: job.startedAt === undefined ? undefined : new Date(job.startedAt),
    ...(stopped && job.stoppedAt !== undefined ? { stoppedAt: new Date(job.stoppedAt) } : {}),
    ...(stopped && job.statusReason ? { stoppedReason: job.statusReason } : {}),
    ...(stopped && exitCode !== undefined ? { exitCode } : {}),
    failure,
    ...(stream ? { log: { group: settings.logGroup, stream, region: settings.region } } : {}),
    resources,
  });
}

function failureOf(job: JobDetail, told: boolean): TaskStatus['failure'] {
  const memoryMib = requirement(job.container, 'MEMORY');
  return explainStop(
    omitUndefined({
      ...(told ? { stopCode: 'UserInitiated' } : {}),
      ...(job.statusReason ? { stoppedReason: job.statusReason } : {}),
      ...(job.container?.reason ? { containerReason: job.container.reason } : {}),
      memoryMib,
    }),
  );
}

function resourcesOf(
  container: ContainerDetail | undefined,
  settings: BatchSettings,
): TaskStatus['resources'] {
  const vcpus = requirement(container, 'VCPU');
  const memoryMib = requirement(container, 'MEMORY');
  if (vcpus === undefined || memoryMib === undefined) return undefined;
  const storageGib = container?.ephemeralStorage?.sizeInGiB;
  return omitUndefined({
    cpuUnits: vcpus * 1024,
    memoryMib,
    storageGib,
    architecture: container?.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'ARM64' : 'X86_64',
    spot: settings.spot,
    region: settings.region,
  });
}

function requirement(container: ContainerDetail | undefined, type: 'VCPU' | 'MEMORY'): number | undefined {
  const value = Number(container?.resourceRequirements?.find((each) => each.type === type)?.value);
  return value > 0 ? value : undefined;
}
