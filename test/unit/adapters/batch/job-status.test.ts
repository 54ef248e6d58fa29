import type { JobDetail } from '@aws-sdk/client-batch';
import { describe, expect, it } from '@jest/globals';
import { type BatchSettings, batchDefaults } from '../../../../app/adapters/batch/batch-settings.ts';
import { jobStatus } from '../../../../app/adapters/batch/job-status.ts';

const settings: BatchSettings = {
  ...batchDefaults,
  installation: 'berth-a',
  region: 'eu-central-1',
  jobQueue: 'berth',
  jobDefinition: 'berth-runner',
  bucket: 'reports',
};

/** Documented at https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobs.html */
const described = (change: Partial<Omit<JobDetail, 'jobArn'>>) =>
  jobStatus(
    {
      jobArn: 'arn:aws:batch:eu-central-1:1:job/6c80e9f0',
      jobId: '6c80e9f0',
      jobName: 'berth-x',
      jobQueue: 'berth',
      jobDefinition: 'berth-runner:1',
      status: 'RUNNING',
      createdAt: Date.parse('2026-11-02T10:00:00Z'),
      startedAt: Date.parse('2026-11-02T10:01:00Z'),
      ...change,
      container: {
        resourceRequirements: [
          { type: 'VCPU', value: '0.5' },
          { type: 'MEMORY', value: '1024' },
        ],
        runtimePlatform: { cpuArchitecture: 'ARM64' },
        logStreamName: 'berth-runner/default/abc',
        ...change.container,
      },
    },
    settings,
  );

describe('a Batch job as an ECS status', () => {
  it.each([
    ['SUBMITTED', 'PROVISIONING'],
    ['PENDING', 'PROVISIONING'],
    ['RUNNABLE', 'PROVISIONING'],
    ['STARTING', 'PENDING'],
    ['RUNNING', 'RUNNING'],
    ['SUCCEEDED', 'STOPPED'],
    ['FAILED', 'STOPPED'],
  ] as const)('%s is %s', (status, lastStatus) => {
    expect(described({ status }).lastStatus).toBe(lastStatus);
  });

  it('has its times, its log, and its resources', () => {
    expect(described({})).toEqual({
      arn: 'arn:aws:batch:eu-central-1:1:job/6c80e9f0',
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      createdAt: new Date('2026-11-02T10:00:00Z'),
      startedAt: new Date('2026-11-02T10:01:00Z'),
      log: { group: '/aws/batch/job', stream: 'berth-runner/default/abc', region: 'eu-central-1' },
      resources: {
        cpuUnits: 512,
        memoryMib: 1024,
        architecture: 'ARM64',
        spot: false,
        region: 'eu-central-1',
      },
    });
  });

  it('ended with the exit code of its command', () => {
    const status = described({
      status: 'FAILED',
      statusReason: 'Essential container in task exited',
      stoppedAt: Date.parse('2026-11-02T10:02:00Z'),
      container: { exitCode: 3 },
    });
    expect(status).toMatchObject({ exitCode: 3, stoppedAt: new Date('2026-11-02T10:02:00Z') });
    expect(status.failure).toBeUndefined();
  });

  it('stops on request, and keeps the reason', () => {
    expect(described({ isTerminated: true }).desiredStatus).toBe('STOPPED');
    const statusReason = 'Workflow cancelled by API request.';
    const ended = described({ status: 'FAILED', isTerminated: true, statusReason });
    expect(ended).toMatchObject({ stoppedReason: statusReason });
    expect(ended.failure).toBeUndefined();
  });

  it.each([
    ['Host EC2 (instance i-0123456789) terminated.', undefined, 'interrupted', true],
    ['Your Spot Task was interrupted.', undefined, 'interrupted', true],
    [
      'Task failed to start',
      'CannotPullContainerError: pull image manifest has been retried 5 time(s): app:1: not found',
      'task_not_started',
      false,
    ],
    [
      'Essential container in task exited',
      'OutOfMemoryError: Container killed due to memory usage',
      'out_of_memory',
      false,
    ],
  ])('failed with %s', (statusReason, reason, code, retryable) => {
    const container = reason === undefined ? {} : { reason };
    expect(described({ status: 'FAILED', statusReason, container }).failure).toMatchObject({
      code,
      retryable,
    });
  });
});

describe('a Batch job with services', () => {
  const containers = [
    {
      name: 'runner',
      exitCode: 1,
      logStreamName: 'run/runner/1',
      resourceRequirements: [
        { type: 'VCPU' as const, value: '1.5' },
        { type: 'MEMORY' as const, value: '3072' },
      ],
    },
    {
      name: 'service-db',
      exitCode: 137,
      reason: 'OutOfMemoryError: Container killed due to memory usage',
      logStreamName: 'run/service-db/1',
      resourceRequirements: [
        { type: 'VCPU' as const, value: '0.5' },
        { type: 'MEMORY' as const, value: '1024' },
      ],
    },
  ];

  it('has the exit code and log of the runner, the size of all, and the end and log of each service', () => {
    const status = jobStatus(
      {
        jobArn: 'arn:aws:batch:eu-central-1:1:job/6c80e9f0',
        jobId: '6c80e9f0',
        jobName: 'berth-x',
        jobQueue: 'berth',
        jobDefinition: 'berth-runner:1',
        status: 'FAILED',
        startedAt: 0,
        ecsProperties: { taskProperties: [{ containers }] },
      },
      settings,
    );
    const log = { group: '/aws/batch/job', region: 'eu-central-1' };
    expect(status).toMatchObject({
      exitCode: 1,
      log: { ...log, stream: 'run/runner/1' },
      resources: { cpuUnits: 2048, memoryMib: 4096 },
      services: [
        {
          name: 'db',
          state: 'stopped',
          exitCode: 137,
          outOfMemory: true,
          log: { ...log, stream: 'run/service-db/1' },
        },
      ],
    });
  });
});
