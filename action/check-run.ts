import type { getOctokit } from '@actions/github';
import type { Workflow, WorkflowStatus } from '../app/client/api-types.ts';
import { cutToBytes, printable } from '../app/lib/markdown.ts';
import { annotationOf } from './annotate-failures.ts';
import { runSummary } from './summary.ts';

export type Octokit = ReturnType<typeof getOctokit>;

export interface Repository {
  readonly owner: string;
  readonly repo: string;
}

/** Marks the check runs that this action writes, for the comment that lists them. */
export const externalIdPrefix = 'berth-action:';

/** GitHub's limit for the summary of a check run, and for annotations in one request. */
const maxSummaryBytes = 65_000;
const maxAnnotations = 50;

const conclusions = {
  success: 'success',
  failure: 'failure',
  error: 'failure',
  timed_out: 'timed_out',
  cancelled: 'cancelled',
  skipped: 'neutral',
} as const satisfies Record<NonNullable<WorkflowStatus['conclusion']>, string>;

/** The fields of a check run that shows a run as it is now. The name is that of the GitHub App's check. */
export function checkRunOf(run: Workflow, maxFailures: number) {
  return {
    name: `berth/${run.suite}`,
    details_url: run.run_url,
    external_id: `${externalIdPrefix}${run.workflow_id}:${run.stack_name ?? ''}`,
    ...(run.conclusion === null
      ? { status: 'in_progress' as const }
      : { status: 'completed' as const, conclusion: conclusions[run.conclusion] }),
    output: {
      title: titleOf(run),
      summary: runSummary(run, maxSummaryBytes),
      annotations: run.failures.slice(0, Math.min(maxFailures, maxAnnotations)).flatMap((failure) => {
        const { file, line, title, message } = annotationOf(failure);
        if (file === undefined) return [];
        const place = { path: file, start_line: line, end_line: line };
        return [{ ...place, annotation_level: 'failure' as const, title, message }];
      }),
    },
  };
}

function titleOf(run: Workflow): string {
  const title = run.conclusion === null ? 'Running' : (run.summary ?? run.state);
  return cutToBytes(printable(title).replace(/\s+/g, ' ').trim(), 250);
}
