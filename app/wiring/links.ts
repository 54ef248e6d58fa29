import type { Run } from '../core/model/run.ts';
import type { Links } from '../ports/links.ts';

/** Links for people: to Berth's pages, and to GitHub. */
export function linksOf(publicUrl: string, githubUrl: string): Links {
  const onGithub = ({ github }: Run, path: string | undefined): string | undefined =>
    github === undefined || path === undefined
      ? undefined
      : `${githubUrl}/${github.owner}/${github.repo}/${path}`;
  const numbered = (path: string, number: number | undefined): string | undefined =>
    number === undefined ? undefined : `${path}/${number}`;
  return {
    run: (id) => `${publicUrl}/runs/${id}`,
    report: (id) => `${publicUrl}/workflow/${id}/report`,
    commit: (run) => onGithub(run, run.sha === undefined ? undefined : `commit/${run.sha}`),
    pullRequest: (run) => onGithub(run, numbered('pull', run.github?.pullRequest)),
    checkRun: (run) => onGithub(run, numbered('runs', run.github?.checkRunId)),
  };
}
