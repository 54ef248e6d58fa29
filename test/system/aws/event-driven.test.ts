import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BatchClient, DescribeJobsCommand, ListJobsCommand } from '@aws-sdk/client-batch';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { projectId } from '../../../app/core/model/ids.ts';
import { eventually } from '../../helpers/eventually.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type Account, makeAccount } from './functions.ts';
import { clientOptions, makeBatch } from './moto.ts';

const run = promisify(execFile);

describe('an event-driven run: invocation, event, rule, job and report', () => {
  let account: Account;
  let jobQueue: string;
  let directory: TemporaryDirectory;
  beforeAll(async () => {
    const batch = await makeBatch();
    jobQueue = batch.jobQueue;
    directory = await temporaryDirectory();
    const { url } = await gitRepository(join(directory.path, 'repository'), {
      'test.sh': 'echo "the tests of $BERTH_RUN_ID"',
    });
    account = await makeAccount({
      BERTH_BATCH_JOB_QUEUE: batch.jobQueue,
      BERTH_BATCH_JOB_DEFINITION: batch.jobDefinition,
      BERTH_EVENT_PROJECT: 'default',
      BERTH_EVENT_REPO_URL: url,
      BERTH_EVENT_COMMAND: 'sh test.sh',
      BERTH_EVENT_VCPU: '1',
      BERTH_EVENT_MEMORY: '4096',
      BERTH_EVENT_TIMEOUT_SECONDS: '600',
    });
    Object.assign(process.env, account.environment);
    await ruleToQueue(account);
  });
  afterAll(async () => {
    await account.close();
    await directory.remove();
  });

  it('answers as the older batch runner did', async () => {
    const { handler } = await import('../../../app/lambda/invoke.ts');
    expect(await handler({ body: { runId: 'test123' } })).toEqual({
      statusCode: 200,
      body: '{"message":"Event published successfully","runId":"runId-test123"}',
    });
    expect(await handler({})).toEqual({
      statusCode: 400,
      body: `{"error":"Missing 'body' in event payload"}`,
    });
  });

  it('is refused before it is published if nothing says what it tests', async () => {
    const { handler } = await import('../../../app/lambda/invoke.ts');
    const { BERTH_EVENT_COMMAND } = process.env;
    try {
      process.env.BERTH_EVENT_COMMAND = '';
      expect(await handler({ body: { runId: 'test124' } })).toEqual({
        statusCode: 500,
        body: expect.stringContaining('Failed to publish event: event-driven runs are not configured.'),
      });
    } finally {
      process.env.BERTH_EVENT_COMMAND = BERTH_EVENT_COMMAND;
    }
  });

  it('becomes a job of Batch that knows its run and the bucket, and leaves its report where clients look', async () => {
    const queue = await import('../../../app/lambda/queue.ts');
    const batch = new BatchClient(clientOptions());
    const filters = [{ name: 'JOB_NAME', values: ['berth-runId-test123*'] }];
    const jobId = await eventually('the job', async () => {
      const messages = await account.receive();
      const Records = messages.map(({ MessageId = '', Body = '' }) => ({ messageId: MessageId, body: Body }));
      expect(await queue.handler({ Records })).toEqual({ batchItemFailures: [] });
      await Promise.all(messages.map(({ ReceiptHandle }) => account.remove(ReceiptHandle)));
      const { jobSummaryList = [] } = await batch.send(new ListJobsCommand({ jobQueue, filters }));
      return jobSummaryList[0]?.jobId;
    });
    const { jobs = [] } = await batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
    const environment = Object.fromEntries(
      jobs[0]?.container?.environment?.map(({ name, value }) => [name, value]) ?? [],
    );
    expect(environment).toMatchObject({ RUN_ID: 'runId-test123', S3_BUCKET_NAME: account.name });
    expect(jobs[0]?.timeout?.attemptDurationSeconds).toBeGreaterThan(600);

    const { stdout } = await run(process.execPath, ['runner-image/dist/runner.js'], {
      env: { PATH: process.env.PATH, ...environment },
    });
    expect(stdout).toContain('the tests of runId-test123');
    const s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
    const Key = 'test_reports/runjobrunId-test123/report.html';
    const report = await s3.send(new HeadObjectCommand({ Bucket: account.name, Key }));
    expect(report.ContentType).toContain('text/html');
  });

  it('asks for again what could not be handled, and nothing else', async () => {
    const { handler } = await import('../../../app/lambda/queue.ts');
    const body = (detail: object) =>
      JSON.stringify({ id: 'e9', source: 'berth.trigger', 'detail-type': 'RunRequested', detail });
    const answer = await handler({
      Records: [
        { messageId: 'good', body: '{"kind":"run","runId":"nobody-knows-it"}' },
        { messageId: 'unknown project', body: body({ project: 'no-such' }) },
        { messageId: 'no JSON', body: 'bent' },
      ],
    });
    expect(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier)).toEqual([
      'unknown project',
      'no JSON',
    ]);
  });

  it('is started by an event of RunRequested too, once however often it comes', async () => {
    const { handler } = await import('../../../app/lambda/queue.ts');
    const detail = {
      project: 'default',
      repo_url: 'https://git.example/events.git',
      branch: 'main',
      test_command: 'sh test.sh',
      stack: false,
    };
    const body = JSON.stringify({
      id: 'e10',
      source: 'berth.trigger',
      'detail-type': 'RunRequested',
      detail,
    });
    const record = (messageId: string) => ({ messageId, body });
    expect(await handler({ Records: [record('1'), record('2')] })).toEqual({ batchItemFailures: [] });
    await handler({ Records: [record('3')] });
    const { getContainer } = await import('../../../app/lambda/get-container.ts');
    const { runs } = (await getContainer()).deps.store;
    const { items } = await runs.list(projectId('default'), { trigger: 'event' }, { limit: 10 });
    // The invocation that started it has launched it too.
    const started = items.filter(({ spec }) => JSON.stringify(spec.source).includes(detail.repo_url));
    expect(started).toMatchObject([{ state: 'provisioning', launches: 1, task: { executor: 'fargate' } }]);
  });
});

/** Does what the Terraform module does: events of the older runner go to Berth's queue. */
async function ruleToQueue(account: Account): Promise<void> {
  const client = new EventBridgeClient(clientOptions());
  const pattern = {
    source: ['workflowDispatch'],
    'detail-type': ['eventDrivenTest'],
    detail: { runId: [{ prefix: 'runId-' }] },
  };
  await client.send(new PutRuleCommand({ Name: account.name, EventPattern: JSON.stringify(pattern) }));
  const Arn = `arn:aws:sqs:us-east-1:123456789012:${account.name}`;
  await client.send(new PutTargetsCommand({ Rule: account.name, Targets: [{ Id: 'queue', Arn }] }));
}
