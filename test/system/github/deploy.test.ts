import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { catchUp } from '../../../app/core/branches/catch-up.ts';
import { projectId } from '../../../app/core/model/ids.ts';
import { isActive, type Run } from '../../../app/core/model/run.ts';
import type { PullState } from '../../helpers/github-stand-in/state.ts';
import type { GithubWorld } from '../../helpers/github-world.ts';
import { installedGithub, passTime } from '../../helpers/installed-github.ts';
import { type FakeClock, jobOf } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
let clock: FakeClock;

const settingsPath = '.github/berth.yml';
const oneDeploy = `
deploy:
  command: ./deploy.sh
  paths: ['infra/**', 'src/**']
  url: https://{stack}.example.com
suites:
  unit: { command: npm test }
  lint: { command: npm run lint, stack: false }
`;

async function start(settings = oneDeploy): Promise<void> {
  ({ w, clock } = await installedGithub({ [settingsPath]: settings, 'src/a.ts': '1', 'README.md': '1' }));
}
beforeEach(() => start());
afterEach(() => w.close());

const id = () => projectId(`gh-${w.repository.id}`);
const check = (sha: string, suite: string) => w.checksOf(sha)[`berth/${suite}`];
const titleOf = (sha: string, suite: string) => check(sha, suite)?.output?.title;
const conclusionOf = (sha: string, suite: string) =>
  check(sha, suite)?.conclusion ?? check(sha, suite)?.status;
const runsOf = async (suite: string, sha?: string) =>
  (await w.runs()).filter((run) => run.spec.suite === suite && (sha === undefined || run.sha === sha));
const running = async () => (await w.runs()).filter((run) => isActive(run) && run.task !== undefined);
const runningSuites = async () => (await running()).map(({ spec }) => spec.suite).sort();
/** The tasks that were launched for a deployment. */
const deploys = async () =>
  (await w.runs()).filter(({ spec, launches }) => spec.deploy && launches > 0).length;
const stack = async () => (await w.deps.store.stacks.list(id()))[0];

const pass = (seconds = 60): Promise<void> => passTime({ w, clock }, seconds);

async function finishSuite(suite: string, result: Parameters<GithubWorld['finish']>[1] = {}): Promise<Run> {
  const run = (await running()).find(({ spec }) => spec.suite === suite);
  if (run === undefined) throw new Error(`${suite} is not running: ${await runningSuites()}`);
  clock.advance(360);
  await w.finish(run, { ...(run.sha === undefined ? {} : { sha: run.sha }), ...result });
  return run;
}

/** Every task succeeds, and nothing is left to do. */
async function rest(): Promise<void> {
  for (let round = 0; round < 6; round += 1) {
    await pass();
    for (const run of await running())
      await w.finish(run, { ...(run.sha === undefined ? {} : { sha: run.sha }) });
  }
}

const push = (branch: string, files: Record<string, string | null>) =>
  w.github.people.push(w.repository, branch, files);
const open = (branch: string, more = {}) =>
  w.github.people.openPullRequest(w.repository, { branch, ...more });
async function say(pull: PullState, body: string): Promise<void> {
  await w.github.people.comment(w.repository, pull, body, { by: 'dana' });
  await w.settle();
}

/** A pull request whose first commit is deployed and tested. */
async function deployedPull(branch = 'topic'): Promise<{ pull: PullState; sha: string }> {
  const sha = await push(branch, { 'src/a.ts': branch });
  const pull = await open(branch);
  await w.settle();
  await finishSuite('deploy', { outputs: { API_URL: 'https://api.example.com' } });
  await rest();
  return { pull, sha };
}

describe('the deployment of a commit', () => {
  it('runs before the suites that use the stack, and gives them its outputs', async () => {
    const sha = await push('topic', { 'src/a.ts': '2' });
    await open('topic');
    await w.settle();
    expect(await runningSuites()).toEqual(['deploy', 'lint']);
    expect(titleOf(sha, 'unit')).toBe('Waiting for berth/deploy');
    const [deploy] = await runsOf('deploy', sha);
    expect(jobOf(w.berth, deploy?.id as Run['id'])).toMatchObject({
      command: './deploy.sh',
      stack: { name: 'test-1', isNew: true },
    });

    await finishSuite('deploy', { outputs: { API_URL: 'https://api.example.com' } });
    expect(titleOf(sha, 'deploy')).toBe(`Deployed ${sha.slice(0, 7)} to test-1`);
    expect(check(sha, 'deploy')?.output?.summary).toContain('[https://api.example.com]');
    const [unit] = await runsOf('unit', sha);
    expect(jobOf(w.berth, unit?.id as Run['id'])).toMatchObject({
      env: { API_URL: 'https://api.example.com', BERTH_URL: 'https://test-1.example.com' },
      stack: { name: 'test-1', lastDeployedCommit: sha },
    });
    expect(await stack()).toMatchObject({ lastDeployedCommit: sha });
    await rest();
    expect(conclusionOf(sha, 'unit')).toBe('success');
    expect(w.repository.deployments).toMatchObject([
      {
        sha,
        environment: 'berth/test-1',
        statuses: [{ state: 'success', environment_url: 'https://test-1.example.com' }],
      },
    ]);
  });

  it('is not repeated by a retest of a suite, and is by a separate retest', async () => {
    const { pull, sha } = await deployedPull();
    await say(pull, '/retest unit');
    expect(await runningSuites()).toEqual(['unit']);
    await rest();
    await say(pull, '/retest all');
    expect(await runningSuites()).toEqual(['lint', 'unit']);
    await rest();
    expect(await deploys()).toBe(1);
    await say(pull, '/retest deploy');
    expect(await runningSuites()).toEqual(['deploy']);
    const again = (await running())[0] as Run;
    expect(jobOf(w.berth, again.id).stack?.lastDeployedCommit).toBe(sha);
    await rest();
    expect(await deploys()).toBe(2);
    expect(w.repository.deployments.map((one) => one.statuses.map(({ state }) => state))).toEqual([
      ['success', 'in_progress', 'success'],
    ]);
  });

  it('is reused where nothing that it depends on has changed', async () => {
    const { sha } = await deployedPull();
    const docs = await push('topic', { 'README.md': '2' });
    await w.settle();
    expect(titleOf(docs, 'deploy')).toBe(`Reused ${sha.slice(0, 7)}, saved about 6 min`);
    expect(conclusionOf(docs, 'deploy')).toBe('success');
    const [unit] = await runsOf('unit', docs);
    expect(jobOf(w.berth, unit?.id as Run['id'])).toMatchObject({
      env: { API_URL: 'https://api.example.com' },
      stack: { lastDeployedCommit: sha },
    });
    await rest();
    expect(conclusionOf(docs, 'unit')).toBe('success');
    expect(await deploys()).toBe(1);
    // The next change is compared with what is on the stack, not with the commit before.
    const code = await push('topic', { 'src/b.ts': '1' });
    await rest();
    expect(await deploys()).toBe(2);
    expect(await stack()).toMatchObject({ lastDeployedCommit: code });
  });

  it.each([
    ['reused after a force push of the same tree', { 'src/a.ts': 'topic' }, 1],
    ['repeated after a force push of another tree', { 'src/a.ts': 'other' }, 2],
    ['repeated after a force push that takes a file away', { 'src/a.ts': null }, 2],
  ])('is %s', async (_, change, count) => {
    const { sha } = await deployedPull();
    const forced = await w.repository.git.commit('topic', change, { from: 'main', force: true });
    for (const pull of w.repository.pulls) pull.headSha = forced;
    await catchUp(w.deps);
    await rest();
    expect(await deploys()).toBe(count);
    expect(conclusionOf(forced, 'unit')).toBe('success');
    expect((await stack())?.lastDeployedCommit).toBe(count === 1 ? sha : forced);
  });

  it('that fails keeps the suites of its stack from running, until it succeeds', async () => {
    const sha = await push('topic', { 'src/a.ts': '2' });
    const pull = await open('topic');
    await w.settle();
    await finishSuite('lint');
    expect(conclusionOf(sha, 'lint')).toBe('success');
    await finishSuite('deploy', { outcome: 'failed', exitCode: 1 });
    await pass();
    expect(titleOf(sha, 'deploy')).toBe('The deployment to test-1 failed');
    expect([conclusionOf(sha, 'unit'), titleOf(sha, 'unit')]).toEqual([
      'failure',
      'Not run: the deployment failed',
    ]);
    expect(check(sha, 'unit')?.output?.summary).toContain('berth/deploy failed');
    expect(await stack()).not.toHaveProperty('lastDeployedCommit');

    await say(pull, '/retest deploy');
    await finishSuite('deploy');
    await rest();
    expect([conclusionOf(sha, 'deploy'), conclusionOf(sha, 'unit')]).toEqual(['success', 'success']);
    expect(await deploys()).toBe(2);
  });

  it('that failed is repeated, once, for the suites that a person runs again', async () => {
    const sha = await push('topic', { 'src/a.ts': '2' });
    const pull = await open('topic');
    await w.settle();
    await finishSuite('deploy', { outcome: 'failed', exitCode: 1 });
    await pass();
    await say(pull, '/retest unit');
    expect(await runningSuites()).toEqual(['deploy']);
    await rest();
    expect([conclusionOf(sha, 'deploy'), conclusionOf(sha, 'unit')]).toEqual(['success', 'success']);
    expect(await deploys()).toBe(2);
    expect((await runsOf('unit', sha)).filter(({ launches }) => launches > 0)).toHaveLength(1);
  });

  it('that failed is not taken for the one before it', async () => {
    const { sha } = await deployedPull();
    await push('topic', { 'src/a.ts': 'broken' });
    await w.settle();
    await finishSuite('deploy', { outcome: 'failed', exitCode: 1 });
    await rest();
    // The tree is that of the first commit again, and the stack is not.
    await push('topic', { 'src/a.ts': 'topic' });
    await w.settle();
    const deploy = (await running()).find(({ spec }) => spec.deploy !== undefined) as Run;
    expect(jobOf(w.berth, deploy.id).stack?.lastDeployedCommit).toBe(sha);
    expect(await deploys()).toBe(3);
  });

  it('waits for a deployment of the stack that is running', async () => {
    const older = await push('topic', { 'src/a.ts': '2' });
    await open('topic');
    await w.settle();
    const newer = await push('topic', { 'src/a.ts': '3' });
    await pass();
    expect((await running()).map(({ sha, spec }) => [spec.suite, sha])).toEqual(
      expect.arrayContaining([['deploy', older]]),
    );
    expect((await runsOf('deploy', newer))[0]?.waiting).toMatchObject({ reason: 'turn' });
    expect(conclusionOf(older, 'unit')).toBe('cancelled');
    await finishSuite('deploy');
    expect((await stack())?.lastDeployedCommit).toBe(older);
    await rest();
    expect((await stack())?.lastDeployedCommit).toBe(newer);
    expect([conclusionOf(older, 'deploy'), conclusionOf(newer, 'unit')]).toEqual(['success', 'success']);
    expect(await deploys()).toBe(2);
  });

  it('is deployed to the stack of the next branch, or reused there', async () => {
    await w.close();
    await start(`stack: { maxStacks: 1 }\n${oneDeploy}`);
    const { pull, sha } = await deployedPull('one');
    const same = await push('two', { 'src/a.ts': 'one' });
    await open('two');
    await pass();
    expect(titleOf(same, 'unit')).toBe('Waiting for berth/deploy');
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await rest();
    expect(titleOf(same, 'deploy')).toMatch(`Reused ${sha.slice(0, 7)}`);
    expect(conclusionOf(same, 'unit')).toBe('success');
    const other = await push('two', { 'src/a.ts': 'two' });
    await rest();
    expect(await stack()).toMatchObject({ stackName: 'test-1', lastDeployedCommit: other });
    expect(await deploys()).toBe(2);
  });

  it('of a branch whose stack was released is looked at again for a retest', async () => {
    const { pull } = await deployedPull();
    await say(pull, '/release');
    expect((await stack())?.hold).toBeUndefined();
    await say(pull, '/retest unit');
    await rest();
    expect((await runsOf('unit')).filter(({ state }) => state === 'succeeded')).toHaveLength(2);
    expect(await deploys()).toBe(1);
    expect((await runsOf('deploy')).map(({ state }) => state)).toEqual(['skipped', 'succeeded']);
  });

  it('runs for a push without a pull request too, and its stack is released', async () => {
    const sha = await push('main', { 'src/a.ts': '2' });
    await rest();
    expect([conclusionOf(sha, 'deploy'), conclusionOf(sha, 'unit')]).toEqual(['success', 'success']);
    expect((await stack())?.hold).toBeUndefined();
  });

  it('runs in a merge queue', async () => {
    await deployedPull();
    const [pull] = w.repository.pulls;
    const group = await w.github.people.queueForMerge(w.repository, pull as PullState);
    await rest();
    expect([conclusionOf(group, 'deploy'), conclusionOf(group, 'unit')]).toEqual(['success', 'success']);
    const stacks = await w.deps.store.stacks.list(id());
    expect(stacks.filter(({ hold }) => hold !== undefined)).toHaveLength(1);
  });
});

describe('a running deployment', () => {
  it('is canceled by a newer commit if its settings allow it', async () => {
    await w.close();
    await start(oneDeploy.replace('  paths', '  cancelSuperseded: true\n  paths'));
    const older = await push('topic', { 'src/a.ts': '2' });
    await open('topic');
    await w.settle();
    const newer = await push('topic', { 'src/a.ts': '3' });
    await rest();
    expect(conclusionOf(older, 'deploy')).toBe('cancelled');
    expect(conclusionOf(newer, 'unit')).toBe('success');
    expect((await stack())?.lastDeployedCommit).toBe(newer);
  });
});

describe('a pull request that is closed during its deployment', () => {
  it('keeps its stack until the task has stopped, then tears it down, and tests nothing', async () => {
    await w.close();
    await start(`${oneDeploy}teardown: { command: ./remove.sh }\n`);
    const sha = await push('topic', { 'src/a.ts': '2' });
    const pull = await open('topic');
    await w.settle();
    const [deploy] = await runsOf('deploy', sha);
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await w.settle();
    // The command may still change the stack.
    expect((await stack())?.activeRuns).toEqual([deploy?.id]);
    await w.finish(deploy as Run, { outcome: 'cancelled', exitCode: null });
    await pass();
    expect((await w.runs()).find(({ spec }) => spec.teardownOf !== undefined)?.spec.command).toBe(
      './remove.sh',
    );
    await rest();
    expect(await stack()).not.toHaveProperty('hold');
    expect(await stack()).not.toHaveProperty('dirty');
    expect(conclusionOf(sha, 'deploy')).toBe('cancelled');
    expect((await runsOf('unit', sha)).map(({ launches }) => launches)).toEqual([0]);
  });
});

describe('a deployment that is removed from the settings while its stack is held', () => {
  it('no longer makes anything wait, and what it deployed is torn down at the end', async () => {
    await w.close();
    await start(`${oneDeploy}teardown: { command: ./remove.sh }\n`);
    const { pull } = await deployedPull();
    const sha = await push('topic', { [settingsPath]: 'suites: { unit: { command: npm test } }\n' });
    await w.settle();
    expect(await runningSuites()).toEqual(['unit']);
    await rest();
    expect(conclusionOf(sha, 'unit')).toBe('success');
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await rest();
    expect((await w.runs()).filter(({ spec }) => spec.teardownOf !== undefined)).toMatchObject([
      { spec: { command: './remove.sh' }, state: 'succeeded' },
    ]);
    expect((await stack())?.hold).toBeUndefined();
  });
});

describe('the teardown of a deployed stack', () => {
  it('runs once, in the environment of the deployment, and what was deployed counts no more', async () => {
    await w.close();
    await start(
      `teardown: { command: ./remove.sh }\n${oneDeploy.replace('  url', '  env: { STAGE: a }\n  url')}`,
    );
    const { pull, sha } = await deployedPull();
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await pass();
    expect(await runningSuites()).toEqual(['deploy teardown']);
    const [teardown] = await running();
    expect(jobOf(w.berth, teardown?.id as Run['id'])).toMatchObject({
      command: './remove.sh',
      env: { STAGE: 'a' },
      stack: { name: 'test-1' },
    });
    await rest();
    expect(await stack()).not.toHaveProperty('deploys');
    expect(await stack()).not.toHaveProperty('hold');
    await w.github.people.changePullRequest(w.repository, pull, 'reopened');
    await rest();
    expect(conclusionOf(sha, 'unit')).toBe('success');
    expect(await deploys()).toBe(2);
  });
});

describe('several deployments of one stack', () => {
  beforeEach(async () => {
    await w.close();
    await start(`
deploy:
  web: { command: ./web.sh, paths: 'web/**', url: 'https://{stack}.example.com' }
  api: { command: ./api.sh, paths: 'api/**' }
suites:
  unit: { command: npm test }
`);
  });

  it('run one after another, in the order of their definition', async () => {
    const sha = await push('topic', { 'web/a': '1', 'api/a': '1' });
    await open('topic');
    await w.settle();
    expect(await runningSuites()).toEqual(['deploy/web']);
    await finishSuite('deploy/web', { outputs: { url: 'https://web.example.com' } });
    expect(await runningSuites()).toEqual(['deploy/api']);
    await finishSuite('deploy/api', { outputs: { url: 'https://api.example.com' } });
    expect(await runningSuites()).toEqual(['unit']);
    const [unit] = await runsOf('unit', sha);
    expect(jobOf(w.berth, unit?.id as Run['id']).env).toEqual({
      url: 'https://api.example.com',
      BERTH_URL: 'https://api.example.com',
      BERTH_URL_API: 'https://api.example.com',
      BERTH_URL_WEB: 'https://test-1.example.com',
    });
    await rest();
    const changed = await push('topic', { 'api/a': '2' });
    await rest();
    expect(titleOf(changed, 'deploy/web')).toMatch('Reused');
    expect(titleOf(changed, 'deploy/api')).toMatch('Deployed');
    expect(conclusionOf(changed, 'unit')).toBe('success');
    expect(w.repository.deployments.map(({ sha: commit }) => commit)).toEqual([sha, changed]);
  });

  it('stop at the first that fails', async () => {
    const sha = await push('topic', { 'web/a': '1', 'api/a': '1' });
    await open('topic');
    await w.settle();
    await finishSuite('deploy/web', { outcome: 'failed', exitCode: 1 });
    await pass();
    expect(titleOf(sha, 'deploy/api')).toBe('Not run: the deployment failed');
    expect(titleOf(sha, 'unit')).toBe('Not run: the deployment failed');
    await say(w.repository.pulls[0] as PullState, '/retest deploy');
    await rest();
    expect([conclusionOf(sha, 'deploy/api'), conclusionOf(sha, 'unit')]).toEqual(['success', 'success']);
  });
});

describe('the commit of a fork', () => {
  it('is never deployed, approved or not', async () => {
    await w.repository.git.commit('evil', { 'src/a.ts': 'x' }, { from: 'main' });
    const pull = await open('evil', { by: 'mallory', fork: 'mallory' });
    await rest();
    expect(conclusionOf(pull.headSha, 'deploy')).toBe('neutral');
    expect(conclusionOf(pull.headSha, 'unit')).toBe('action_required');
    await say(pull, `/ok-to-test ${pull.headSha}`);
    await rest();
    expect(conclusionOf(pull.headSha, 'unit')).toBe('success');
    await say(pull, '/retest deploy');
    await rest();
    expect(await deploys()).toBe(0);
  });
});

it('a repository without `deploy` has no deployment', async () => {
  await w.close();
  await start('suites: { unit: { command: npm test } }\n');
  const sha = await push('topic', { 'src/a.ts': '2' });
  await open('topic');
  await rest();
  expect(conclusionOf(sha, 'unit')).toBe('success');
  expect(w.repository.deployments).toEqual([]);
});
