import type { Workflow } from '../app/client/api-types.ts';
import { checkRunOf, type Octokit, type Repository } from './check-run.ts';
import type { Host } from './host.ts';
import { writeComment } from './pull-request-comment.ts';
import type { GithubTarget } from './settings-types.ts';
import type { StateWriter } from './step-state.ts';

/** Shows a run on GitHub: a check run on its commit, and a comment on its pull request. */
export interface GithubReport {
  /** Shows the run as it is now. @returns whether the check run has the annotations. Never throws. */
  show(run: Workflow, maxAnnotations: number): Promise<boolean>;
}

export interface GithubReportDeps {
  readonly octokit: Octokit;
  readonly repository: Repository;
  readonly host: Host;
  readonly state: Pick<StateWriter, 'check'>;
}

export const noGithubReport: GithubReport = { show: async () => false };

/**
 * Reports with the workflow's own token. Where Berth's GitHub App reports the run, this does nothing.
 *
 * @param checkRunId a check run that an earlier process created.
 */
export function createGithubReport(
  deps: GithubReportDeps,
  target: GithubTarget,
  checkRunId?: number,
): GithubReport {
  const { octokit, repository, host, state } = deps;
  let check = checkRunId;
  let isRefused = false;

  async function show(run: Workflow, maxAnnotations: number): Promise<void> {
    const sha = target.sha ?? run.sha;
    if (sha === null) return;
    const fields = { ...repository, ...checkRunOf(run, maxAnnotations) };
    if (check === undefined) {
      const { data } = await octokit.rest.checks.create({ ...fields, head_sha: sha });
      check = data.id;
    } else {
      await octokit.rest.checks.update({ ...fields, check_run_id: check });
    }
    const { token, pullRequest } = target;
    state.check(run.conclusion === null ? { id: check, sha, pullRequest } : undefined);
    if (pullRequest === undefined) return;
    await writeComment(octokit, { ...repository, pullRequest, sha, isBotToken: token.startsWith('ghs_') });
  }

  return {
    async show(run, maxAnnotations) {
      if (isRefused || run.github !== null) return false;
      try {
        await retry(host, () => show(run, maxAnnotations));
      } catch (error) {
        isRefused = true;
        host.warning(warningOf(error));
      }
      return check !== undefined;
    },
  };
}

const attempts = 3;

/** Repeats a request that failed in GitHub or on the way to it. */
async function retry(host: Host, request: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      // Octokit gives a network failure the status 500.
      if (attempt === attempts || statusOf(error) < 500) throw error;
      await host.pause(1000 * attempt);
    }
  }
}

function warningOf(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  const permissions = '`permissions: checks: write` and, for pull requests, `pull-requests: write`';
  const advice = [401, 403, 404].includes(statusOf(error)) ? ` The job needs ${permissions}.` : '';
  return `The run is not shown on GitHub: ${reason.replace(/\s+/g, ' ').replace(/\.$/, '')}.${advice}`;
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'status' in error ? Number(error.status) : 0;
}
