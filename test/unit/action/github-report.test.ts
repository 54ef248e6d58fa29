import { getOctokit } from '@actions/github';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProbotOctokit } from 'probot';
import { createGithubReport, type GithubReport } from '../../../action/github-report.ts';
import { writeComment } from '../../../action/pull-request-comment.ts';
import { run } from '../../../action/run.ts';
import { readSettings } from '../../../action/settings.ts';
import type { GithubTarget } from '../../../action/settings-types.ts';
import { readStepState, stateWriter } from '../../../action/step-state.ts';
import type { Workflow } from '../../../app/client/api-types.ts';
import { memoryGit } from '../../helpers/github-stand-in/memory-git.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { PullState, RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { actionWorld, aPush, settingsFor } from './action-world.ts';
import { type RecordingHost, recordingHost } from './recording-host.ts';

let github: GithubStandIn;
let repository: RepositoryState;
let pull: PullState;

beforeEach(async () => {
  github = await startGithubStandIn({ createGit: memoryGit });
  repository = await github.addRepository({
    name: 'site',
    files: { 'a.txt': 'a' },
    collaborators: { dana: 'write' },
  });
  await github.people.push(repository, 'feature', { 'b.txt': 'b' });
  pull = await github.people.openPullRequest(repository, { branch: 'feature', by: 'dana' });
});
afterEach(() => github.close());

type Permission = 'read' | 'write';

/** Returns a token of the workflow with these permissions. */
async function token(
  permissions: { checks: Permission; pull_requests: Permission } = {
    checks: 'write',
    pull_requests: 'write',
  },
): Promise<string> {
  const { appId, privateKey } = github.identity;
  const app = new ProbotOctokit({ baseUrl: github.apiUrl, auth: { appId, privateKey } });
  const { data } = await app.rest.apps.createInstallationAccessToken({ installation_id: 77, permissions });
  return data.token;
}

interface Reporter {
  readonly report: GithubReport;
  readonly host: RecordingHost;
}

async function reporter(target: Partial<GithubTarget> = {}, host = recordingHost()): Promise<Reporter> {
  const whole = { token: await token(), sha: pull.headSha, pullRequest: pull.number, ...target };
  const octokit = getOctokit(whole.token, { baseUrl: github.apiUrl });
  const repo = { owner: repository.owner, repo: repository.name };
  return {
    host,
    report: createGithubReport({ octokit, repository: repo, host, state: stateWriter(host) }, whole),
  };
}

/** A run as Berth's API describes it. */
async function aRun(change: Partial<Workflow> = {}): Promise<Workflow> {
  const w = await actionWorld();
  await run(w.deps, settingsFor('run', { wait: 'false' }));
  return { ...(await w.deps.api.run(w.latest())), ...change };
}

describe('A run that is shown on GitHub', () => {
  it('has a check run while it is active, and its result in the end', async () => {
    const { report, host } = await reporter();
    const active = await aRun({ suite: 'unit' });
    await report.show(active, 10);
    expect(repository.checkRuns).toMatchObject([
      { name: 'berth/unit', headSha: pull.headSha, status: 'in_progress', detailsUrl: active.run_url },
    ]);
    expect(readStepState((name) => host.state[name] ?? '').check?.id).toBe(repository.checkRuns[0]?.id);

    const failures = Array.from({ length: 60 }, (_, index) => ({
      name: `adds ${index}`,
      group: 'sum',
      file: 'test/sum.test.ts',
      line: 7,
      message: 'expected 2',
      details: null,
    }));
    const ended = { ...active, state: 'failed', conclusion: 'failure', summary: '60 tests failed.' } as const;
    expect(await report.show({ ...ended, failures }, 50)).toBe(true);
    const [check] = repository.checkRuns;
    expect(check).toMatchObject({ conclusion: 'failure', output: { title: '60 tests failed.' } });
    expect(check?.annotations).toHaveLength(50);
    expect(check?.annotations[0]).toMatchObject({
      path: 'test/sum.test.ts',
      start_line: 7,
      title: 'sum: adds 0',
    });
    expect(check?.output?.summary).toContain('sum: adds 0');
    expect(readStepState((name) => host.state[name] ?? '')).toEqual({});
  });

  it('is not shown twice where the GitHub App shows it', async () => {
    const { report } = await reporter();
    const shown = { owner: 'a', repo: 'b', head_sha: 'c', pull_request: 1, check_run_id: 1 };
    expect(await report.show(await aRun({ github: shown }), 10)).toBe(false);
    expect(repository.checkRuns).toEqual([]);
    expect(repository.comments).toEqual([]);
  });

  it('has one comment for all suites of a pull request, although their jobs end together', async () => {
    const suites = ['unit', 'integration', 'end to end | <b>'];
    const shows = suites.map(async (suite) => {
      const { report } = await reporter();
      const active = await aRun({ suite });
      await report.show(active, 0);
      await report.show({ ...active, conclusion: 'success', summary: `All of ${suite} passed.` }, 0);
    });
    await Promise.all(shows);
    expect(repository.comments).toHaveLength(1);
    const [comment] = repository.comments;
    expect(comment?.body).toContain('[unit](http://berth.test/');
    expect(comment?.body.match(/✅/g)).toHaveLength(3);
    expect(comment?.body).not.toContain('Running');
    expect(comment?.body).not.toContain('<b>');
  });

  it('has one comment even if the list of GitHub lags behind', async () => {
    const octokit = getOctokit(await token(), { baseUrl: github.apiUrl });
    octokit.hook.after('request', (response, { method, url }) => {
      if (method === 'GET' && url.includes('/comments')) response.data = [];
    });
    const { owner, name: repo } = repository;
    const target = { owner, repo, pullRequest: pull.number, sha: pull.headSha, isBotToken: true };
    await writeComment(octokit, target);
    expect(repository.comments).toHaveLength(1);
  });

  it('leaves a comment about a newer commit as it is', async () => {
    const { report } = await reporter();
    const active = await aRun();
    await report.show(active, 0);
    const before = repository.comments[0]?.body;
    await github.people.push(repository, 'feature', { 'b.txt': 'newer' });
    await report.show({ ...active, conclusion: 'success' }, 0);
    expect(repository.comments.map(({ body }) => body)).toEqual([before]);
    expect(repository.checkRuns).toMatchObject([{ conclusion: 'success' }]);
  });

  it('does not edit the comment of a person', async () => {
    const body = '<!-- berth-action -->\nmine';
    await github.people.comment(repository, pull, body, { by: 'dana' });
    const { report } = await reporter();
    await report.show(await aRun(), 0);
    expect(repository.comments.map((comment) => comment.body)).toEqual([
      body,
      expect.stringContaining('**Berth**'),
    ]);
  });

  it('survives failures of GitHub', async () => {
    github.faults.push({ method: 'POST', path: /check-runs/, response: { status: 502 } });
    const { report, host } = await reporter();
    expect(await report.show(await aRun(), 0)).toBe(true);
    expect(repository.checkRuns).toHaveLength(1);
    expect(host.warnings).toEqual([]);
  });

  it('names the permissions that the job lacks, once', async () => {
    const reader = await token({ checks: 'read', pull_requests: 'read' });
    const { report, host } = await reporter({ token: reader });
    const active = await aRun();
    expect(await report.show(active, 0)).toBe(false);
    await report.show({ ...active, conclusion: 'success' }, 0);
    expect(host.warnings).toEqual([expect.stringContaining('permissions: checks: write')]);
  });

  it('keeps its annotations in the log where it has no check run', async () => {
    const { report } = await reporter({ sha: undefined });
    expect(await report.show(await aRun({ sha: null }), 10)).toBe(false);
  });
});

describe('The input github-token', () => {
  const githubOf = (inputs: Record<string, string>, event: object = {}) => {
    const all: Record<string, string> = {
      'api-url': 'http://berth.test',
      command: 'x',
      'github-token': 't',
      ...inputs,
    };
    const settings = readSettings((name) => all[name] ?? '', {}, { ...aPush, event });
    return settings.operation === 'run' ? settings.github : undefined;
  };

  it('shows a run of the own repository only', () => {
    expect(githubOf({})).toMatchObject({ sha: aPush.sha, pullRequest: undefined });
    expect(githubOf({ 'github-token': '' })).toBeUndefined();
    expect(githubOf({ repository: 'acme/other', ref: 'main' })).toBeUndefined();
  });

  it('shows a run for the head of a pull request in its comment', () => {
    const head = { ref: 'feature', sha: 'a'.repeat(40), repo: { full_name: 'acme/site' } };
    const event = { pull_request: { number: 7, head } };
    expect(githubOf({}, event)).toMatchObject({ sha: head.sha, pullRequest: 7 });
    expect(githubOf({ ref: 'main' }, event)).toMatchObject({ pullRequest: undefined });
  });
});
