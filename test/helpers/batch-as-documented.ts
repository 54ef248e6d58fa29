import { z } from 'zod';
import { type Answer, type Forward, parsed, toBody } from './ecs-as-documented.ts';

const listSchema = z.looseObject({ jobStatus: z.string().optional() });
const terminateSchema = z.object({ jobId: z.string(), reason: z.string() });
const jobSchema = z.looseObject({ jobId: z.string(), status: z.string() });
const jobsSchema = z.looseObject({ jobs: z.array(jobSchema) });
const summariesSchema = z.looseObject({ jobSummaryList: z.array(jobSchema) });
type Job = z.infer<typeof jobSchema>;

/**
 * moto's jobs end by themselves the moment they are submitted, or run as containers, which cannot be had everywhere. On
 * the way here, they run until they are terminated, like a real job with a long command.
 * https://docs.aws.amazon.com/batch/latest/userguide/job_states.html
 */
export function batchAsDocumented(forward: Forward): Forward {
  const ended = new Map<string, { reason: string; at: number }>();
  const asRunning = (job: Job): Job => {
    const end = ended.get(job.jobId);
    if (end === undefined) {
      const { stoppedAt: _, statusReason: __, ...rest } = job;
      return { ...rest, status: 'RUNNING' };
    }
    return { ...job, status: 'FAILED', statusReason: end.reason, isTerminated: true, stoppedAt: end.at };
  };

  return async (operation, incoming, body) => {
    switch (operation) {
      case 'POST /v1/terminatejob': {
        const { jobId, reason } = terminateSchema.parse(JSON.parse(body.toString()));
        ended.set(jobId, ended.get(jobId) ?? { reason, at: Date.now() });
        return { status: 200, headers: { 'content-type': 'application/json' }, body: toBody({}) };
      }
      case 'POST /v1/describejobs': {
        const answer = await forward(operation, incoming, body);
        return rewritten(answer, () => {
          const { jobs } = jobsSchema.parse(parsed(answer));
          return { jobs: jobs.map(asRunning) };
        });
      }
      case 'POST /v1/listjobs': {
        // moto would compare the status with its own.
        const { jobStatus, ...rest } = listSchema.parse(JSON.parse(body.toString()));
        const answer = await forward(operation, incoming, toBody(rest));
        return rewritten(answer, () => {
          const jobs = summariesSchema.parse(parsed(answer)).jobSummaryList.map(asRunning);
          const asked = jobs.filter(({ status }) => jobStatus === undefined || status === jobStatus);
          return { jobSummaryList: asked };
        });
      }
      default:
        return forward(operation, incoming, body);
    }
  };
}

function rewritten(answer: Answer, change: () => unknown): Answer {
  return answer.status === 200 ? { ...answer, body: toBody(change()) } : answer;
}
