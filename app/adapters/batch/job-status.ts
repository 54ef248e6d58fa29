import type { ContainerDetail, JobDetail, JobStatus, TaskContainerDetails } from '@aws-sdk/client-batch';
import type { TaskStatus } from '../../core/model/task.ts';
import { explainStop } from '../../core/model/task-failure.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { serviceStatuses } from '../aws/service-containers.ts';
import type { BatchSettings } from './batch-settings.ts';
import { runnerContainerName } from './job-definitions.ts';

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
  const isStopRequested = job.isTerminated === true || job.isCancelled === true;
  const failure = job.status === 'FAILED' ? failureOf(job, isStopRequested) : undefined;
  const container = runnerOf(job);
  const stream = container?.logStreamName;
  const resources = resourcesOf(job, settings);
  const exitCode = container?.exitCode;
  const logOf = (name: string): TaskStatus['log'] => ({
    group: settings.logGroup,
    stream: name,
    region: settings.region,
  });
  return omitUndefined({
    arn: job.jobArn,
    lastStatus,
    desiredStatus: stopped || isStopRequested ? 'STOPPED' : 'RUNNING',
    createdAt: job.createdAt === undefined ? undefined : new Date(job.createdAt),
    startedAt: job.startedAt === undefined ? undefined : new Date(job.startedAt),
    ...(stopped && job.stoppedAt !== undefined ? { stoppedAt: new Date(job.stoppedAt) } : {}),
    ...(stopped && job.statusReason ? { stoppedReason: job.statusReason } : {}),
    ...(stopped && exitCode !== undefined ? { exitCode } : {}),
    failure,
    ...(stream ? { log: logOf(stream) } : {}),
    resources,
    services: serviceStatuses(
      containersOf(job).map((one) => ({ lastStatus, ...one })),
      ({ logStreamName }) => (logStreamName ? logOf(logStreamName) : undefined),
    ),
  });
}

/** The containers of a job with services. */
function containersOf({ ecsProperties }: JobDetail): readonly TaskContainerDetails[] {
  return ecsProperties?.taskProperties?.[0]?.containers ?? [];
}

function runnerOf(job: JobDetail): ContainerDetail | TaskContainerDetails | undefined {
  return job.container ?? containersOf(job).find(({ name }) => name === runnerContainerName);
}

function failureOf(job: JobDetail, isStopRequested: boolean): TaskStatus['failure'] {
  const container = runnerOf(job);
  const memoryMib = requirement(container, 'MEMORY');
  return explainStop(
    omitUndefined({
      ...(isStopRequested ? { stopCode: 'UserInitiated' } : {}),
      ...(job.statusReason ? { stoppedReason: job.statusReason } : {}),
      ...(container?.reason ? { containerReason: container.reason } : {}),
      memoryMib,
    }),
  );
}

function resourcesOf(job: JobDetail, settings: BatchSettings): TaskStatus['resources'] {
  const containers = job.container === undefined ? containersOf(job) : [job.container];
  const sum = (type: 'VCPU' | 'MEMORY'): number =>
    containers.reduce((total, container) => total + (requirement(container, type) ?? 0), 0);
  const [vcpus, memoryMib] = [sum('VCPU'), sum('MEMORY')];
  if (vcpus === 0 || memoryMib === 0) return undefined;
  const task = job.container ?? job.ecsProperties?.taskProperties?.[0];
  const storageGib = task?.ephemeralStorage?.sizeInGiB;
  return omitUndefined({
    cpuUnits: vcpus * 1024,
    memoryMib,
    storageGib,
    architecture: task?.runtimePlatform?.cpuArchitecture === 'ARM64' ? 'ARM64' : 'X86_64',
    spot: settings.spot,
    region: settings.region,
  });
}

function requirement(
  container: Pick<ContainerDetail, 'resourceRequirements'> | undefined,
  type: 'VCPU' | 'MEMORY',
): number | undefined {
  const value = Number(container?.resourceRequirements?.find((each) => each.type === type)?.value);
  return value > 0 ? value : undefined;
}
