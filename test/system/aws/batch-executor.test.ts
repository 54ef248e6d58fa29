import { randomUUID } from 'node:crypto';
import {
  BatchClient,
  DescribeJobDefinitionsCommand,
  DescribeJobsCommand,
  ListJobsCommand,
  TagResourceCommand,
} from '@aws-sdk/client-batch';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createBatchExecutor } from '../../../app/adapters/batch/batch-executor.ts';
import type { BatchSettings } from '../../../app/adapters/batch/batch-settings.ts';
import { BerthError } from '../../../app/core/model/errors.ts';
import { projectId, runId } from '../../../app/core/model/ids.ts';
import type { LaunchRequest } from '../../../app/ports/executor.ts';
import { describeExecutor } from '../../contract/executor.ts';
import { type FaultProxy, startFaultProxy } from '../../helpers/fault-proxy.ts';
import { clientOptions, makeBatch, motoUrl } from './moto.ts';

const direct = new BatchClient(clientOptions());

/** A busy machine does not count as a silent one, except where a test waits for a planned silence. */
const patientMs = 60_000;
const impatientMs = 3_000;

function executorWith(settings: BatchSettings, endpoint: string, timeoutMs = patientMs) {
  return createBatchExecutor({
    batch: new BatchClient(clientOptions(endpoint, { timeoutMs })),
    submitting: new BatchClient(clientOptions(endpoint, { timeoutMs, retryUnknown: false })),
    settings,
    clock: { now: () => new Date() },
  });
}

function requestOf(change: Partial<LaunchRequest> = {}): LaunchRequest {
  const id = runId(`runId-${randomUUID()}`);
  return {
    runId: id,
    projectId: projectId('gh-1'),
    launch: 1,
    jobUrl: 'https://objects.example/job.json?signed=1',
    cpuUnits: 512,
    memoryMib: 1024,
    timeoutSeconds: 300,
    env: { REPO_URL: 'https://git.example/r.git' },
    untrusted: false,
    ...change,
  };
}

// Through the proxy, behind which moto's jobs continue running until they are terminated.
describeExecutor(
  'batch',
  async () => {
    const proxy = await startFaultProxy({ target: motoUrl });
    const settings = await makeBatch();
    return {
      executor: executorWith(settings, proxy.url),
      restarted: async () => executorWith(settings, proxy.url),
      jobUrl: async (id) => `https://objects.example/${id}/job.json`,
      keep: async ({ arn: resourceArn }) => {
        await direct.send(new TagResourceCommand({ resourceArn, tags: { 'berth:keep': '' } }));
      },
      unknownTask: { executor: 'batch', arn: `arn:aws:batch:us-east-1:123456789012:job/${randomUUID()}` },
      close: () => proxy.close(),
    };
  },
  // Batch has no client token: two that submit within a millisecond may both think that they were first.
  { launchesOnceInRace: false },
);

describe('a job on Batch', () => {
  let proxy: FaultProxy;
  let settings: BatchSettings;
  beforeAll(async () => {
    settings = await makeBatch();
    proxy = await startFaultProxy({ target: motoUrl });
  });
  afterAll(() => proxy.close());

  const jobOf = async (arn: string) => {
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    const { jobs = [] } = await direct.send(new DescribeJobsCommand({ jobs: [id] }));
    return jobs[0];
  };

  it('sees the run and the bucket of its report, and has a size and a time limit', async () => {
    const request = requestOf();
    const job = await jobOf((await executorWith(settings, motoUrl).launch(request)).arn);
    const environment = Object.fromEntries(
      job?.container?.environment?.map(({ name, value }) => [name, value]) ?? [],
    );
    expect(environment).toMatchObject({
      RUN_ID: request.runId,
      S3_BUCKET_NAME: 'berth-reports',
      BERTH_JOB_URL: request.jobUrl,
      REPO_URL: 'https://git.example/r.git',
    });
    // moto answers in the older fields; AWS in `resourceRequirements`, see test/unit/adapters/batch.
    expect(job?.container).toMatchObject({ vcpus: 0.5, memory: 1024 });
    expect(job?.timeout?.attemptDurationSeconds).toBeGreaterThan(300);
    expect(job?.tags).toMatchObject({ 'berth:run': request.runId, 'berth:launch': '1' });
  });

  it('says where its log is', async () => {
    const { log } = await executorWith(settings, proxy.url).launch(requestOf());
    expect(log).toMatchObject({ group: '/aws/batch/job', region: 'us-east-1' });
    expect(log?.stream).not.toBe('');
  });

  it('runs a separate image by a copy of the job definition, registered once', async () => {
    const image = 'registry.example/team/app:2';
    const first = await jobOf((await executorWith(settings, motoUrl).launch(requestOf({ image }))).arn);
    const second = await jobOf((await executorWith(settings, motoUrl).launch(requestOf({ image }))).arn);
    expect(second?.jobDefinition).toBe(first?.jobDefinition);
    const { jobDefinitions = [] } = await direct.send(
      new DescribeJobDefinitionsCommand({ jobDefinitions: [first?.jobDefinition ?? ''] }),
    );
    expect(jobDefinitions[0]?.containerProperties?.image).toBe(image);
  });

  it.each(['server error', 'reset', 'silence', 'half an answer'] as const)(
    'is found again where the answer to its submission was lost by %s',
    async (kind) => {
      const request = requestOf();
      proxy.plan('POST /v1/submitjob', kind);
      const impatient = executorWith(settings, proxy.url, impatientMs);
      await expect(impatient.launch(request)).rejects.not.toBeInstanceOf(BerthError);
      const { arn } = await executorWith(settings, proxy.url).launch(request);
      const { jobSummaryList = [] } = await direct.send(
        new ListJobsCommand({
          jobQueue: settings.jobQueue,
          filters: [{ name: 'JOB_NAME', values: [`berth-${request.runId}*`] }],
        }),
      );
      expect(jobSummaryList.map(({ jobArn }) => jobArn)).toEqual([arn]);
    },
  );

  it('is refused with what to do where its definition is missing', async () => {
    const lost = { ...settings, jobDefinition: 'no-such-definition' };
    await expect(executorWith(lost, motoUrl).launch(requestOf())).rejects.toMatchObject({
      code: 'launch_failed',
      message: expect.stringContaining('no-such-definition'),
    });
  });

  it('is refused if it needs more storage than its definition gives', async () => {
    await expect(
      executorWith(settings, motoUrl).launch(requestOf({ ephemeralStorageGib: 50 })),
    ).rejects.toMatchObject({
      code: 'launch_failed',
      message: 'Batch cannot give one job 50 GiB of storage.',
    });
  });
});
