import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { verifyActionsToken } from '../../../app/adapters/oidc/verify-actions-token.ts';
import { projectId, type RunId } from '../../../app/core/model/ids.ts';
import { isActive, type Run } from '../../../app/core/model/run.ts';
import { reconcileRun } from '../../../app/core/runs/reconcile-run.ts';
import { createApp } from '../../../app/http/app.ts';
import { mintKey } from '../../../app/http/auth/api-key.ts';
import { authenticateActions } from '../../../app/http/auth/authenticate-actions.ts';
import { sessionTokens } from '../../../app/http/auth/session-token.ts';
import { httpLimits } from '../../../app/http/http-deps.ts';
import type { CheckRunState, PullState } from '../../helpers/github-stand-in/state.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';
import { type TokenIssuer, tokenIssuer } from '../../helpers/token-issuer.ts';
import { type Client, clientOf } from '../../unit/http/http-world.ts';

/** Every way to start code of a fork that no one approved, over the interface that its user has. */
let w: GithubWorld;
let pull: PullState;
let refused: Run;
let app: ReturnType<typeof createApp>;
let issuer: TokenIssuer;
let key: string;

const id = () => projectId(`gh-${w.repository.id}`);
const check = () => w.checksOf(pull.headSha)['berth/unit'] as CheckRunState;

// Nothing changes as long as every door is closed, so one world serves all of them; the last tests open one.
beforeAll(async () => {
  w = await githubWorld({ files: { '.github/berth.yml': 'suites: { unit: { command: npm test } }\n' } });
  await w.github.people.install();
  await w.settle();
  await w.repository.git.commit('evil', { 'x.txt': 'x' }, { from: 'main' });
  pull = await w.github.people.openPullRequest(w.repository, {
    branch: 'evil',
    by: 'mallory',
    fork: 'mallory',
  });
  await w.settle();
  const [run] = await w.runs();
  if (run === undefined) throw new Error('nothing was refused');
  refused = run;
  await serve();
});
afterAll(() => w.close());

async function serve(): Promise<void> {
  const { deps } = w;
  const minted = mintKey(deps, { projectId: id(), name: 'ci', scope: 'run', allProjects: false });
  await deps.store.projects.createKey(minted.key);
  key = minted.plain;
  const project = await deps.store.projects.get(id());
  if (project === undefined) throw new Error('no project');
  const name = `${w.repository.owner}/${w.repository.name}`;
  await deps.store.projects.replace(project, {
    ...project,
    settings: { ...project.settings, oidcTrust: [{ repository: name }] },
  });
  issuer = await tokenIssuer('https://issuer.test', { audience: 'http://berth.test', now: deps.clock.now });
  const verify = verifyActionsToken({
    issuer: issuer.issuer,
    audience: 'http://berth.test',
    clock: deps.clock,
    fetch: async () => Response.json(issuer.keySet),
  });
  app = createApp({
    ...deps,
    version: '1.2.3',
    publicUrl: 'http://berth.test',
    authenticators: [authenticateActions({ store: deps.store, verify, clock: deps.clock })],
    waitForLaunch: () => w.berth.settle(),
    pause: async () => {},
    githubHost: w.github.host,
    cloneRules: { allowFileUrls: false, allowPrivateHosts: true },
    limits: httpLimits,
    dashboard: { tokens: sessionTokens(Buffer.alloc(32, 7), deps.clock), assets: async () => new Map() },
  });
}

/** A workflow of the repository itself, as for `workflow_dispatch`. */
const workflow = async (): Promise<Client> =>
  clientOf(app, {
    Authorization: `Bearer ${await issuer.token({
      repository: `${w.repository.owner}/${w.repository.name}`,
      repository_id: String(w.repository.id),
      event_name: 'push',
    })}`,
  });

/** The dashboard, signed in with the key. */
async function page(): Promise<Client> {
  const own = { 'x-berth-session': '1', 'sec-fetch-site': 'same-origin' };
  const response = await clientOf(app).raw('/session', {
    method: 'POST',
    headers: own,
    body: JSON.stringify({ key }),
  });
  return clientOf(app, { ...own, Cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' });
}

const clients: readonly (readonly [string, () => Promise<Client>])[] = [
  ['a key with the scope run', async () => clientOf(app, { 'X-API-Key': key })],
  ['a GitHub Actions workflow', workflow],
  ['the buttons of the dashboard', page],
];

async function expectNothingRan(): Promise<void> {
  await w.settle();
  expect(new Set((await w.runs()).map(({ state }) => state))).toEqual(new Set(['skipped']));
  expect(check().conclusion).toBe('action_required');
}

describe.each(clients)('by %s', (_, connect) => {
  it.each(['retest', 'retest-failed'])('/%s of the refused run starts nothing', async (route) => {
    const { status, body } = await (await connect()).post(`/workflow/${refused.id}/${route}`);
    if (route === 'retest') expect([status, body.code]).toEqual([403, 'not_approved']);
    else expect(status).not.toBe(500);
    await expectNothingRan();
  });

  it.each(['sha', 'SHA'])('a new workflow at its commit (%s) starts nothing', async (form) => {
    const { status, body } = await (await connect()).post('/workflow/execute', {
      repo_url: `http://${w.github.host}/${w.repository.owner}/${w.repository.name}.git`,
      branch: 'main',
      test_command: 'npm test',
      sha: form === 'SHA' ? pull.headSha.toUpperCase() : pull.headSha,
    });
    expect([status, body.code]).toEqual([403, 'not_approved']);
    await expectNothingRan();
  });
});

describe('on GitHub', () => {
  const writer = { by: 'dana' };

  it.each<[string, () => Promise<unknown>]>([
    ['"Re-run" of the check', () => w.github.people.press(w.repository, check(), undefined, writer)],
    ['the button "Retest"', () => w.github.people.press(w.repository, check(), 'retest', writer)],
    ['"Re-run all checks"', () => rerunSuite('dana')],
    ['/retest', () => w.github.people.comment(w.repository, pull, '/retest', writer)],
    ['/retest all', () => w.github.people.comment(w.repository, pull, '/retest all', writer)],
    ['/retest unit', () => w.github.people.comment(w.repository, pull, '/retest unit', writer)],
    [
      '/ok-to-test of its author',
      () => w.github.people.comment(w.repository, pull, '/ok-to-test', { by: 'mallory' }),
    ],
    [
      '/ok-to-test of a reader',
      () => w.github.people.comment(w.repository, pull, '/ok-to-test', { by: 'rin' }),
    ],
    [
      '"Approve and run" of a reader',
      () => w.github.people.press(w.repository, check(), 'approve', { by: 'rin' }),
    ],
    [
      '"Approve and run" of a bot',
      () => w.github.people.press(w.repository, check(), 'approve', { by: 'helper[bot]' }),
    ],
  ])('%s starts nothing', async (_, act) => {
    await act();
    await expectNothingRan();
  });

  it('a retry by Berth itself starts nothing', async () => {
    await w.deps.enqueue(refused.id);
    await reconcileRun(w.deps, refused.id as RunId);
    await expectNothingRan();
  });

  it('an approved commit may run by all of them, and the next commit may not', async () => {
    await w.github.people.press(w.repository, check(), 'approve', writer);
    await w.settle();
    const active = (await w.runs()).filter(isActive);
    expect(active).toHaveLength(1);
    for (const run of active) await w.finish(run, { outcome: 'failed', exitCode: 1 });
    const client = clientOf(app, { 'X-API-Key': key });
    const [approved] = await w.runs();
    pull.headSha = await w.repository.git.commit('evil', { 'x.txt': 'worse' });
    await w.repository.git.setRef(`refs/pull/${pull.number}/head`, pull.headSha);
    w.github.people.notify('pull_request', {
      repositoryName: w.repository.name,
      sender: 'mallory',
      action: 'synchronize',
      number: pull.number,
      pull_request: {
        number: pull.number,
        head: { sha: pull.headSha, ref: 'evil', repo: { id: 99, full_name: 'mallory/shop', fork: true } },
        base: { ref: 'main', repo: { id: w.repository.id } },
      },
    });
    await w.github.people.comment(w.repository, pull, '/retest all', writer);
    await w.settle();
    // The branch of the older, approved commit has moved on: its approval does not pass to the new one.
    expect((await client.post(`/workflow/${approved?.id}/retest`)).status).not.toBe(202);
    expect((await w.runs()).filter(isActive)).toEqual([]);
  });
});

/** GitHub's button on the list of checks of a commit. */
async function rerunSuite(by: string, sha = pull.headSha): Promise<void> {
  w.github.people.notify('check_suite', {
    repositoryName: w.repository.name,
    sender: by,
    action: 'rerequested',
    check_suite: { id: 1, head_sha: sha, head_branch: 'main', before: null, after: sha },
  });
  await w.settle();
}

describe('"Re-run all checks" of the own branch', () => {
  it.each([
    ['a reader', 'rin', 1],
    ['a stranger', 'mallory', 1],
    ['a writer', 'dana', 2],
  ])('by %s', async (_, by, runs) => {
    const sha = await w.github.people.push(w.repository, 'topic', { 'a.txt': 'a' });
    await w.settle();
    for (const run of (await w.runs()).filter(isActive))
      await w.finish(run, { outcome: 'failed', exitCode: 1 });
    await rerunSuite(by, sha);
    expect((await w.runs()).filter((run) => run.sha === sha)).toHaveLength(runs);
  });
});

describe('a retest of a commit that several branches and clients have', () => {
  const notifyOfNew = (ref: string, sha: string): void =>
    w.github.people.notify('push', {
      repositoryName: w.repository.name,
      sender: 'dana',
      ref,
      before: '0'.repeat(40),
      after: sha,
      deleted: false,
      head_commit: { id: sha },
    });

  const activeBranches = async (sha: string) =>
    (await w.runs()).filter((run) => run.sha === sha && isActive(run)).map(({ spec }) => spec.branch);

  it('"Re-run all checks" runs the checks, and not what a client ran or a closed branch has', async () => {
    const sha = await w.github.people.push(w.repository, 'shared', { 'b.txt': 'b' });
    await w.settle();
    for (const run of (await w.runs()).filter(isActive)) await w.finish(run);
    const client = clientOf(app, { 'X-API-Key': key });
    const { body } = await client.post('/workflow/execute', {
      repo_url: `http://${w.github.host}/${w.repository.owner}/${w.repository.name}.git`,
      branch: 'main',
      test_command: 'true',
      suite: 'unit',
      stack: false,
      sha,
    });
    await w.finish((await w.deps.store.runs.get(body.id)) as Run);
    await rerunSuite('dana', sha);
    expect(await activeBranches(sha)).toEqual(['shared']);
    for (const run of (await w.runs()).filter(isActive))
      await w.finish(run, { outcome: 'failed', exitCode: 1 });
  });

  it('"Re-run" of the check of a tag tests the tag again', async () => {
    const settings = 'tags: true\nsuites: { unit: { command: npm test, branches: v1 } }\n';
    const sha = await w.github.people.push(w.repository, 'release', { '.github/berth.yml': settings });
    await w.settle();
    notifyOfNew('refs/tags/v1', sha);
    await w.settle();
    const [run] = (await w.runs()).filter(isActive);
    await w.finish(run as Run, { outcome: 'failed', exitCode: 1 });
    const shown = w.checksOf(sha)['berth/unit'] as CheckRunState;
    await w.github.people.press(w.repository, shown, undefined, { by: 'dana' });
    await w.settle();
    expect(await activeBranches(sha)).toEqual(['v1']);
    for (const one of (await w.runs()).filter(isActive)) await w.finish(one);
  });

  it('retest-failed stays with the branch of its workflow', async () => {
    const sha = await w.github.people.push(w.repository, 'one', { 'c.txt': 'c' });
    await w.settle();
    await w.repository.git.setRef('refs/heads/two', sha);
    notifyOfNew('refs/heads/two', sha);
    await w.settle();
    for (const run of (await w.runs()).filter(isActive))
      await w.finish(run, { outcome: 'failed', exitCode: 1 });
    const first = (await w.runs()).find((run) => run.sha === sha && run.spec.branch === 'one');
    const client = clientOf(app, { 'X-API-Key': key });
    const { body } = await client.post(`/workflow/${first?.id}/retest-failed`, {});
    await w.settle();
    expect(body.workflows).toHaveLength(1);
    expect(await activeBranches(sha)).toEqual(['one']);
  });
});

it('the check of invalid settings stays red after any retest', async () => {
  const sha = await w.github.people.push(w.repository, 'broken', { '.github/berth.yml': 'suites: 1\n' });
  await w.settle();
  const run = (await w.runs()).find((one) => one.sha === sha);
  const red = () => w.checksOf(sha)['berth/settings']?.conclusion;
  expect([run?.spec.suite, red()]).toEqual(['settings', 'failure']);
  const client = clientOf(app, { 'X-API-Key': key });
  expect((await client.post(`/workflow/${run?.id}/retest`)).body.code).toBe('conflict');
  await client.post(`/workflow/${run?.id}/retest-failed`);
  await rerunSuite('dana', sha);
  await w.github.people.press(w.repository, w.checksOf(sha)['berth/settings'] as CheckRunState, undefined, {
    by: 'dana',
  });
  await w.settle();
  expect(red()).toBe('failure');
});
