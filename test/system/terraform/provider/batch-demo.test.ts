import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { BatchClient, DescribeJobsCommand, ListJobsCommand } from '@aws-sdk/client-batch';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../helpers/eventually.ts';
import { gitRepository } from '../../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';
import { queueAt } from '../../aws/functions.ts';
import { clientOptions, keepJobsSubmitted } from '../../aws/moto.ts';
import { environmentOf } from './applied.ts';
import { leaveMessages, withoutDocker } from './berth-on-moto.ts';
import { describeApplied } from './describe-applied.ts';
import { tree } from './terraform.ts';
import { blocksBelow, typeIn } from './typed-commands.ts';

const run = promisify(execFile);
const folder = 'terraform/examples/batch-demo';

/** The commands of the document below a heading, in the groups that empty lines separate. */
function commandsOf(heading: string): string[] {
  const [block = ''] = blocksBelow(join(folder, 'README.md'), heading);
  return block.trim().split('\n\n');
}

describeApplied(
  { example: 'batch-demo', project: 'batch-demo', variables: { region: 'us-east-1' } },
  ({ secret, resources, ofType }) => {
    it('has the names of the older sample, which scripts and dashboards use', () => {
      const named = (type: string, key: string): unknown[] => ofType(type).map((values) => values[key]);
      expect(named('aws_s3_bucket', 'bucket')).toEqual(['batch-demo-reports']);
      expect(named('aws_ecr_repository', 'name')).toEqual(['batch-demo-repo']);
      expect(named('aws_batch_compute_environment', 'compute_environment_name')).toEqual([
        'batch-demo-compute-env',
      ]);
      expect(named('aws_batch_job_queue', 'name')).toEqual(['batch-demo-job-queue']);
      expect(named('aws_lambda_function', 'function_name')).toContain('batch-demo-trigger-function');
      expect(named('aws_cloudwatch_log_group', 'name')).toContain('/aws/lambda/batch-demo-trigger-function');
      const policy = resources().get('aws_iam_role_policy.job');
      expect(policy).toMatchObject({ name: 'batch-demo-job-policy', role: 'batch-demo-job-role' });
    });

    it('gives each job the size of its variables, and the log group of Batch, which the first job creates', () => {
      const [definition] = ofType('aws_batch_job_definition').filter(({ name }) => name === 'batch-demo');
      const container = JSON.parse(String(definition?.container_properties));
      expect(container.resourceRequirements).toEqual(
        expect.arrayContaining([
          { type: 'VCPU', value: '0.5' },
          { type: 'MEMORY', value: '1024' },
        ]),
      );
      expect(container.logConfiguration.options).toMatchObject({
        'awslogs-group': '/aws/batch/job',
        'awslogs-create-group': 'true',
        mode: 'blocking',
      });
    });

    it('works with the first commands of the quick start as they are', async () => {
      const [apply = '', build = '', invoke = ''] = commandsOf('## Quick start');
      const variables = {
        TF_VAR_region: 'us-east-1',
        TF_VAR_github_app_secret: `secretsmanager:${secret}`,
        TF_VAR_deletion_protection: 'false',
      };
      expect(await typeIn(folder, apply, variables)).toContain('No changes.');
      expect(await typeIn(folder, build)).toMatch(/batch-demo-repo@sha256:[0-9a-f]{64}/);
      expect(await withoutDocker(() => typeIn(folder, invoke))).toContain('"StatusCode": 200');
    });

    describe('a direct invocation', () => {
      let directory: TemporaryDirectory;
      let queueUrl: string;
      let jobId: string;
      beforeAll(async () => {
        directory = await temporaryDirectory();
        const { url } = await gitRepository(join(directory.path, 'repository'), {
          'run.sh': 'echo "the tests of $BERTH_RUN_ID"; exit 3',
        });
        await keepJobsSubmitted();
        await leaveMessages(resources());
        const environment = environmentOf(resources(), 'queue');
        queueUrl = environment.BERTH_QUEUE_URL ?? '';
        expect(environment).toMatchObject({
          BERTH_EVENT_REPO_URL: 'file:///opt/tests',
          BERTH_EVENT_COMMAND: 'sh run.sh',
          BERTH_BATCH_LOG_GROUP: '/aws/batch/job',
        });
        // Another repository stands for the tests in the image, and this installation has no GitHub App.
        Object.assign(process.env, environment, { BERTH_EVENT_REPO_URL: url, BERTH_GITHUB_SECRET: '' });
      });
      afterAll(() => directory.remove());

      it('leaves its report where the older quick start looks, without any setup', async () => {
        const { handler: invoke } = await import('../../../../app/lambda/invoke.ts');
        expect(await invoke({ body: { runId: 'test123' } })).toEqual({
          statusCode: 200,
          body: '{"message":"Event published successfully","runId":"runId-test123"}',
        });
        jobId = await jobOf('berth-runId-test123*', queueUrl);
        const batch = new BatchClient(clientOptions());
        const { jobs = [] } = await batch.send(new DescribeJobsCommand({ jobs: [jobId] }));
        const environment = Object.fromEntries(
          jobs[0]?.container?.environment?.map(({ name, value }) => [name, value]) ?? [],
        );
        expect(environment).toMatchObject({ RUN_ID: 'runId-test123', S3_BUCKET_NAME: 'batch-demo-reports' });
        const failing = await run(process.execPath, ['runner-image/dist/runner.js'], {
          env: { PATH: process.env.PATH, ...environment },
        }).catch((error: { code: number; stdout: string; stderr: string }) => error);
        // A failing test makes the job fail, and still leaves its report.
        expect(failing).toMatchObject({
          code: 3,
          stdout: expect.stringContaining('the tests of runId-test123'),
        });
        const s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
        const report = await s3.send(
          new GetObjectCommand({
            Bucket: 'batch-demo-reports',
            Key: 'test_reports/runjobrunId-test123/report.html',
          }),
        );
        expect(await report.Body?.transformToString()).toContain('the tests of runId-test123');
      });

      it('is found by the last commands of the quick start', async () => {
        await typeIn(folder, commandsOf('## Quick start')[3] ?? '');
        expect(await readFile(join(tree(), folder, 'report.html'), 'utf8')).toContain(
          'the tests of runId-test123',
        );
      });

      it('is shown by the commands of its document', async () => {
        // Version 1 of the AWS CLI has no `logs tail`, which would not end either.
        const commands = commandsOf('## Watch a run')
          .join('\n')
          .replaceAll(/^aws logs tail .*$/gm, '');
        const output = await typeIn(folder, commands.replace('<JOB_ID>', jobId));
        for (const seen of ['batch-demo-compute-env', jobId, '"latest"', 's3:PutObject']) {
          expect(output).toContain(seen);
        }
      });
    });
  },
);

/** Passes messages to the function of the queue, one at a time, until Batch has the job. */
async function jobOf(name: string, queueUrl: string): Promise<string> {
  const queue = await import('../../../../app/lambda/queue.ts');
  const batch = new BatchClient(clientOptions());
  const messages = queueAt(new SQSClient(clientOptions()), queueUrl);
  const filters = [{ name: 'JOB_NAME', values: [name] }];
  return eventually('the job', async () => {
    for (const { MessageId = '', Body = '', ReceiptHandle } of await messages.receive()) {
      const record = { messageId: MessageId, body: Body };
      expect(await queue.handler({ Records: [record] })).toEqual({ batchItemFailures: [] });
      await messages.remove(ReceiptHandle);
      const { jobSummaryList = [] } = await batch.send(
        new ListJobsCommand({ jobQueue: 'batch-demo-job-queue', filters }),
      );
      if (jobSummaryList[0]?.jobId !== undefined) return jobSummaryList[0].jobId;
    }
    return undefined;
  });
}
