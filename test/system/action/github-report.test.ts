import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ProbotOctokit } from 'probot';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { PullState, RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type EmbeddedBerth, embeddedBerth } from './embedded-berth.ts';
import { type Job, jobIn } from './step.ts';

let directory: TemporaryDirectory;
let berth: EmbeddedBerth;
let github: GithubStandIn;
let repository: RepositoryState;
let pull: PullState;
let job: Job;
let token: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  github = await startGithubStandIn();
  const options = { name: 'site', files: { 'a.txt': 'a' }, collaborators: { dana: 'write' } } as const;
  repository = await github.addRepository(options);
  await github.people.push(repository, 'feature', { 'b.txt': 'b' });
  pull = await github.people.openPullRequest(repository, { branch: 'feature', by: 'dana' });
  const { appId, privateKey } = github.identity;
  const app = new ProbotOctokit({ baseUrl: github.apiUrl, auth: { appId, privateKey } });
  const permissions = { checks: 'write', pull_requests: 'write' } as const;
  const { data } = await app.rest.apps.createInstallationAccessToken({ installation_id: 77, permissions });
  token = data.token;
  berth = await embeddedBerth({ BERTH_ALLOW_PRIVATE_HOSTS: 'true' });
  const full = `${repository.owner}/${repository.name}`;
  const cloneable = { full_name: full, clone_url: `file://${repository.git.directory}` };
  const event = {
    repository: cloneable,
    pull_request: { number: pull.number, head: { ref: 'feature', sha: pull.headSha, repo: cloneable } },
  };
  const eventPath = join(directory.path, 'event.json');
  await writeFile(eventPath, JSON.stringify(event));
  job = jobIn(directory.path, {
    GITHUB_API_URL: github.apiUrl,
    GITHUB_REPOSITORY: full,
    GITHUB_EVENT_PATH: eventPath,
    GITHUB_REF: `refs/pull/${pull.number}/merge`,
  });
});

afterAll(async () => {
  await berth.remove();
  await github.close();
  await directory.remove();
});

function inputs(suite: string, command: string): Record<string, string> {
  return { 'api-url': berth.url, 'api-key': berth.apiKey, 'github-token': token, suite, command };
}

describe('A step with github-token', () => {
  it('shows its run on the commit and on the pull request', async () => {
    const end = await (await job.step(inputs('unit', 'cat b.txt; exit 3'))).ended();
    expect(end.exitCode).toBe(1);
    expect(repository.checkRuns).toMatchObject([
      { name: 'berth/unit', headSha: pull.headSha, conclusion: 'failure' },
    ]);
    // Without test results, the end of the log explains the failure.
    expect(repository.checkRuns[0]?.output?.summary).toMatch(/of the log[\s\S]*\nb\n/);
    expect(repository.comments.map(({ body }) => body)).toEqual([expect.stringContaining('[unit]')]);
    expect(end.log).toContain(`::add-mask::${token}`);
  });

  it('completes the check run in the post step if it was killed', async () => {
    const step = await job.step(inputs('slow', 'echo begun; sleep 120'));
    await step.waitForLine(/^begun$/m);
    step.process.kill('SIGKILL');
    await step.ended();
    expect(repository.checkRuns.at(-1)).toMatchObject({ name: 'berth/slow', status: 'in_progress' });
    expect((await step.post()).exitCode).toBe(0);
    expect(repository.checkRuns.at(-1)).toMatchObject({ name: 'berth/slow', conclusion: 'cancelled' });
  });
});
