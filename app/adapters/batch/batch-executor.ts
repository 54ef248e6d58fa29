import {
  type BatchClient,
  DescribeJobsCommand,
  type JobDetail,
  type JobStatus,
  type JobSummary,
  ListJobsCommand,
  type ListJobsCommandInput,
  SubmitJobCommand,
  TerminateJobCommand,
} from '@aws-sdk/client-batch';
import { BerthError } from '../../core/model/errors.ts';
import { runId } from '../../core/model/ids.ts';
import type { TaskStatus } from '../../core/model/task.ts';
import { explainReason } from '../../core/model/task-failure.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { chunk } from '../../lib/split-list.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Executor, LaunchRequest } from '../../ports/executor.ts';
import { errorKindOf, isAwsError } from '../aws/aws-error-kind.ts';
import {
  installationTag,
  jobNameOf,
  jobNamePrefix,
  keepTag,
  runTag,
  tagValue,
} from '../aws/launch-identity.ts';
import { withdrawLaunch } from '../aws/withdraw-launch.ts';
import type { BatchSettings } from './batch-settings.ts';
import { createJobDefinitions } from './job-definitions.ts';
import { jobStatus } from './job-status.ts';
import { submitJobInput } from './submit-job-input.ts';

export interface BatchExecutorDeps {
  readonly batch: Pick<BatchClient, 'send'>;
  /**
   * Only for SubmitJob, which has no client token: must not repeat a call whose outcome is unknown
   * (`retryUnknown: false`).
   */
  readonly submitting: Pick<BatchClient, 'send'>;
  readonly settings: BatchSettings;
  readonly clock: Clock;
}

/** https://docs.aws.amazon.com/batch/latest/APIReference/API_DescribeJobs.html */
const describedAtOnce = 100;
const longestReason = 255;
const unfinished: readonly JobStatus[] = ['SUBMITTED', 'PENDING', 'RUNNABLE', 'STARTING', 'RUNNING'];

type FoundJob = JobDetail & { readonly jobArn: string; readonly jobId: string };

/**
 * Runs tasks as jobs of AWS Batch, on Fargate.
 *
 * Batch knows no client token, so a launch is found again by the name of its job. Two servers that launch at the same
 * moment make two jobs; each lists the jobs again after it submitted its own, and all take the first.
 */
export function createBatchExecutor(deps: BatchExecutorDeps): Executor {
  const { batch, submitting, settings } = deps;
  const definitionFor = createJobDefinitions(deps);

  const listJobs = async (filter: ListJobsCommandInput): Promise<readonly JobSummary[]> => {
    const jobs: JobSummary[] = [];
    let nextToken: string | undefined;
    do {
      const page = await batch.send(
        new ListJobsCommand({
          jobQueue: settings.jobQueue,
          ...filter,
          ...omitUndefined({ nextToken }),
        }),
      );
      jobs.push(...(page.jobSummaryList ?? []));
      nextToken = page.nextToken;
    } while (nextToken);
    return jobs;
  };

  const describeJobs = async (ids: readonly string[]): Promise<readonly FoundJob[]> => {
    const answers = await Promise.all(
      chunk(ids, describedAtOnce).map((jobs) => batch.send(new DescribeJobsCommand({ jobs }))),
    );
    return answers.flatMap(({ jobs = [] }) => jobs.filter(isFound));
  };

  /** Finds the first job of a launch, which is the same for every caller. */
  const firstJobOf = async ({ runId: id, launch }: LaunchRequest): Promise<JobSummary | undefined> => {
    const name = { name: 'JOB_NAME', values: [jobNameOf(id, launch)] };
    const jobs = await listJobs({ filters: [name] });
    return jobs.toSorted(
      (a, b) => (a.createdAt ?? 0) - (b.createdAt ?? 0) || (a.jobId ?? '').localeCompare(b.jobId ?? ''),
    )[0];
  };

  const terminate = async (jobId: string, reason: string): Promise<void> => {
    try {
      await batch.send(new TerminateJobCommand({ jobId, reason: reason.slice(0, longestReason) }));
    } catch (error) {
      if (!isUnknownJob(error)) throw error;
    }
  };

  const submit = async (request: LaunchRequest): Promise<string> => {
    const input = submitJobInput(request, settings, await definitionFor(request));
    const { jobId: own } = await submitting.send(new SubmitJobCommand(input)).catch(refused);
    if (own === undefined) throw new Error('SubmitJob answered without a job');
    const { jobId: first } = (await firstJobOf(request)) ?? {};
    if (first === undefined || first === own) return own;
    await terminate(own, 'Another server had launched this run.');
    return first;
  };

  const statusOf = async (jobId: string): Promise<TaskStatus> => {
    const [job] = await describeJobs([jobId]);
    if (job === undefined) throw new Error(`Batch does not find the job ${jobId} that it returned`);
    return jobStatus(job, settings);
  };

  const launch = async (request: LaunchRequest): Promise<TaskStatus> => {
    const earlier = await firstJobOf(request);
    return statusOf(earlier?.jobId ?? (await submit(request)));
  };

  return {
    name: 'batch',
    launch,
    withdraw: (request) => withdrawLaunch(launch, request),

    describe: async (tasks) => {
      const jobs = await describeJobs(tasks.map(({ arn }) => jobIdOf(arn)));
      return new Map(jobs.map((job) => [job.jobArn, jobStatus(job, settings)]));
    },

    stop: ({ arn }, reason) => terminate(jobIdOf(arn), reason),

    // Batch forgets an ended job by itself.
    remove: async () => {},

    listTasks: async () => {
      const lists = await Promise.all(unfinished.map((status) => listJobs({ jobStatus: status })));
      const ids = lists
        .flat()
        .flatMap(({ jobId, jobName }) =>
          jobId !== undefined && jobName?.startsWith(jobNamePrefix) ? [jobId] : [],
        );
      const jobs = await describeJobs([...new Set(ids)]);
      return jobs.flatMap(({ jobArn, tags, status }) => {
        const run = tags?.[runTag];
        const ended = status === 'SUCCEEDED' || status === 'FAILED';
        const isOurs = tags?.[installationTag] === tagValue(settings.installation);
        if (run === undefined || !isOurs || ended) return [];
        const task = { executor: 'batch', arn: jobArn };
        return [{ task, runId: runId(run), keep: tags?.[keepTag] !== undefined, isStopped: false }];
      });
    },
  };
}

/** @throws BerthError if Batch refused the job; otherwise the error itself, because a job may exist. */
function refused(error: unknown): never {
  if (errorKindOf(error) !== 'refused') throw error;
  const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const message = explainReason(reason)?.message ?? `Batch refused the job. AWS said: ${reason}`;
  throw new BerthError('launch_failed', message, { cause: error });
}

/** `arn:aws:batch:<region>:<account>:job/<id>` */
function jobIdOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

function isFound(job: JobDetail): job is FoundJob {
  return job.jobArn !== undefined && job.jobId !== undefined;
}

function isUnknownJob(error: unknown): boolean {
  return isAwsError(error, 'ClientException') && /not found|does not exist/i.test(error.message);
}
