import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ProbotOctokit } from 'probot';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../helpers/github-stand-in/state.ts';

const run = promisify(execFile);
const Octokit = ProbotOctokit.defaults((options: object) => ({
  ...options,
  retry: { enabled: false },
  throttle: { enabled: false },
}));

describe('the stand-in of GitHub', () => {
  let github: GithubStandIn;
  let repository: RepositoryState;
  let sha: string;
  const about = { owner: 'octo-org', repo: 'shop' };

  beforeEach(async () => {
    github = await startGithubStandIn();
    repository = await github.addRepository({ name: 'shop', files: { 'README.md': 'hello\n' } });
    sha = (await repository.git.resolve('main')) ?? '';
  });
  afterEach(() => github.close());

  const asApp = () =>
    new Octokit({
      baseUrl: github.apiUrl,
      auth: { appId: github.identity.appId, privateKey: github.identity.privateKey },
    });
  const asInstallation = async (body = {}) => {
    const { data } = await asApp().rest.apps.createInstallationAccessToken({ installation_id: 77, ...body });
    return new Octokit({ baseUrl: github.apiUrl, auth: { token: data.token } });
  };

  it('lets no one in without a token that its App signed', async () => {
    const stranger = new Octokit({ baseUrl: github.apiUrl });
    await expect(stranger.rest.repos.get(about)).rejects.toMatchObject({ status: 401 });
    await expect(stranger.rest.apps.getAuthenticated()).rejects.toMatchObject({ status: 401 });
    await expect(asApp().rest.apps.getAuthenticated()).resolves.toMatchObject({ data: { slug: 'berth' } });
  });

  it('keeps a token to the permissions and repositories that were requested', async () => {
    const other = await github.addRepository({ name: 'other', files: { a: 'b' } });
    const reader = await asInstallation({ repository_ids: [other.id], permissions: { contents: 'read' } });
    await expect(reader.rest.repos.getContent({ ...about, path: 'README.md' })).rejects.toMatchObject({
      status: 404,
    });
    const create = reader.rest.checks.create({ owner: 'octo-org', repo: 'other', name: 'x', head_sha: sha });
    await expect(create).rejects.toMatchObject({ status: 403 });
    await expect(asInstallation({ permissions: { administration: 'write' } })).rejects.toMatchObject({
      status: 422,
    });
  });

  it.each([
    ['a completed check without a conclusion', { status: 'completed' as const }],
    ['a text of more than 65,535 bytes', { output: { title: 't', summary: 'é'.repeat(32_768) } }],
    [
      'four buttons',
      { actions: Array.from({ length: 4 }, () => ({ label: 'a', identifier: 'a', description: 'a' })) },
    ],
    ['a label of 21 characters', { actions: [{ label: 'x'.repeat(21), identifier: 'a', description: 'a' }] }],
    [
      '51 annotations',
      {
        output: {
          title: 't',
          summary: 's',
          annotations: Array.from({ length: 51 }, () => ({
            path: 'a',
            start_line: 1,
            end_line: 1,
            annotation_level: 'failure' as const,
            message: 'm',
          })),
        },
      },
    ],
  ])('refuses %s', async (_, change) => {
    const octokit = await asInstallation();
    // The bodies are wrong on purpose, so the types of a single right one do not fit them all.
    const body = { ...about, name: 'unit', head_sha: sha, ...change } as Parameters<
      typeof octokit.rest.checks.create
    >[0];
    await expect(octokit.rest.checks.create(body)).rejects.toMatchObject({ status: 422 });
    expect(repository.checkRuns).toEqual([]);
  });

  it('shows the latest check run of each name, or all of them', async () => {
    const octokit = await asInstallation();
    await octokit.rest.checks.create({ ...about, name: 'unit', head_sha: sha, external_id: 'first' });
    await octokit.rest.checks.create({ ...about, name: 'unit', head_sha: sha, external_id: 'second' });
    const latest = await octokit.rest.checks.listForRef({ ...about, ref: sha });
    const all = await octokit.rest.checks.listForRef({ ...about, ref: sha, filter: 'all' });
    expect(latest.data.check_runs.map((one) => one.external_id)).toEqual(['second']);
    expect(all.data.check_runs.map((one) => one.external_id)).toEqual(['second', 'first']);
  });

  it('carries a request out whose answer gets lost', async () => {
    github.faults.push({ method: 'POST', path: /check-runs$/, response: 'lost' });
    const octokit = await asInstallation();
    await expect(octokit.rest.checks.create({ ...about, name: 'unit', head_sha: sha })).rejects.toThrow();
    expect(repository.checkRuns).toHaveLength(1);
  });

  it('gives the code to a git that brings the right token, and to no other', async () => {
    const { data } = await asApp().rest.apps.createInstallationAccessToken({
      installation_id: 77,
      repository_ids: [repository.id],
      permissions: { contents: 'read' },
    });
    const directory = await mkdtemp(join(tmpdir(), 'clone-'));
    const clone = (password: string) =>
      run(
        'git',
        ['clone', '-q', `http://x-access-token:${password}@${github.host}/octo-org/shop.git`, directory],
        {
          env: { ...process.env, GIT_TERMINAL_PROMPT: '0' },
        },
      );
    await expect(clone('ghs_wrong')).rejects.toThrow();
    await clone(data.token);
    expect((await run('git', ['-C', directory, 'rev-parse', 'HEAD'])).stdout.trim()).toBe(sha);
    await rm(directory, { recursive: true });
  });

  it('remembers a webhook that no one answered, and sends it again when asked', async () => {
    github.state.webhookUrl = 'http://127.0.0.1:9/';
    await github.people.push(repository, 'topic', { 'a.txt': 'a' });
    const app = asApp();
    const { data: before } = await app.rest.apps.listWebhookDeliveries();
    expect(before.map((one) => [one.event, one.status_code])).toEqual([
      ['check_suite', 0],
      ['push', 0],
    ]);
    await app.rest.apps.redeliverWebhookDelivery({ delivery_id: before[1]?.id ?? 0 });
    const { data: after } = await app.rest.apps.listWebhookDeliveries();
    expect(after[0]).toMatchObject({ event: 'push', redelivery: true, guid: before[1]?.guid });
  });
});
