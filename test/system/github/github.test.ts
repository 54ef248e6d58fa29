import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { catchUp } from '../../../app/core/branches/catch-up.ts';
import { holder, projectId } from '../../../app/core/model/ids.ts';
import type { Run } from '../../../app/core/model/run.ts';
import { aFailure } from '../../helpers/a-run.ts';
import type { PullState } from '../../helpers/github-stand-in/state.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';

let w: GithubWorld;
afterEach(() => w.close());

const twoSuites = {
  '.github/berth.yml': `
suites:
  unit: { command: npm test }
  docs: { command: make docs, paths: 'docs/**', stack: false }
`,
};

const pathSuites = `
suites:
  unit: { command: npm test, paths: 'src/**', stack: false }
  docs: { command: make docs, paths: 'docs/**', stack: false }
`;

async function openPull(
  change: { draft?: boolean; fork?: string } = {},
): Promise<{ pull: PullState; sha: string }> {
  // Without a separate push event, so that which event comes first is not left to random.
  const sha = await w.repository.git.commit('topic', { 'src/a.ts': 'new' }, { from: 'main' });
  const pull = await w.github.people.openPullRequest(w.repository, { branch: 'topic', ...change });
  await w.settle();
  return { pull, sha };
}
/** The newest run of a suite. */
async function runOf(suite: string): Promise<Run> {
  const run = (await w.runs()).find((one) => one.spec.suite === suite);
  if (run === undefined) throw new Error(`there is no run of ${suite}`);
  return run;
}
const stateOf = async () => (await w.runs()).map((run) => `${run.spec.suite} ${run.state}`).sort();

describe('a push', () => {
  beforeEach(async () => {
    w = await githubWorld();
  });

  it('makes one run and one check run, which follows it until it finishes', async () => {
    const sha = await w.github.people.push(w.repository, 'topic', { 'a.txt': 'a' });
    await w.settle();
    const run = await runOf('unit');
    expect(await w.runs()).toHaveLength(1);
    expect(run).toMatchObject({
      sha,
      state: 'provisioning',
      spec: { suite: 'unit', branch: 'topic' },
      trigger: { kind: 'push', actor: 'dana' },
    });
    await w.finish(run);
    expect(w.checksOf(sha)).toMatchObject({ 'berth/unit': { conclusion: 'success', externalId: run?.id } });
    expect(w.repository.checkRuns).toHaveLength(1);
  });

  it('changes nothing when it is delivered again, late or out of order', async () => {
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'a' });
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'b' });
    await w.settle();
    const before = await w.runs();
    for (const delivery of [...w.github.state.deliveries]) await w.github.webhooks.redeliver(delivery);
    const first = w.github.state.deliveries[0];
    // The same event as GitHub would send it under another id, long after.
    await w.github.webhooks.send('push', JSON.parse(first?.body ?? '{}'));
    await w.settle();
    expect((await w.runs()).map((run) => run.id)).toEqual(before.map((run) => run.id));
  });

  it('runs the suites of the files that a force push removes', async () => {
    await w.close();
    w = await githubWorld({ files: twoSuites });
    await w.github.people.push(w.repository, 'topic', { 'docs/a.md': 'a' });
    await w.settle();
    const forced = await w.github.people.push(w.repository, 'topic', { 'src/a.ts': 'b' }, { force: true });
    await w.settle();
    const docs = (await w.runs()).find((run) => run.sha === forced && run.spec.suite === 'docs');
    expect(docs?.state).toBe('provisioning');
  });

  it('runs the suites of files that a commit changed whose runs it cancels', async () => {
    await w.github.people.push(w.repository, 'topic', { '.github/berth.yml': pathSuites });
    await w.settle();
    const finishAll = async () => {
      for (const run of await w.runs())
        if (run.task !== undefined && run.settledAt === undefined) await w.finish(run);
    };
    await finishAll();
    const docs = async (text: string) => {
      const sha = await w.github.people.push(w.repository, 'topic', { 'docs/a.md': text });
      await w.settle();
      return (await w.runs()).find((run) => run.sha === sha && run.spec.suite === 'unit');
    };
    const changed = await w.github.people.push(w.repository, 'topic', { 'src/a.ts': 'a' });
    await w.settle();
    const first = await docs('one');
    const cancelled = (await w.runs()).find(({ sha, spec }) => sha === changed && spec.suite === 'unit');
    expect(cancelled?.cancel?.reason).toMatch(/newer commit/);
    expect(first?.state).not.toBe('skipped');
    const second = await docs('two');
    expect(second?.state).not.toBe('skipped');
    await finishAll();
    // The earlier result counts now.
    expect((await docs('three'))?.state).toBe('skipped');
  });

  it('cancels the run of the commit before it', async () => {
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'a' });
    await w.settle();
    const [older] = await w.runs();
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'b' });
    await w.settle();
    expect((await w.deps.store.runs.get(older?.id ?? ('' as never)))?.cancel?.reason).toMatch(/newer commit/);
  });

  it('of a deleted branch ends what runs for it', async () => {
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'a' });
    await w.settle();
    await w.github.people.deleteBranch(w.repository, 'topic');
    await w.settle();
    expect((await w.runs())[0]?.cancel?.reason).toBe('The branch topic was deleted.');
  });

  it('to the default branch decides how many stacks there are', async () => {
    await w.github.people.push(w.repository, 'main', {
      '.github/berth.yml': 'stack: { prefix: qa-, maxStacks: 2 }\nsuites: { unit: { command: x } }\n',
    });
    await w.settle();
    const project = await w.deps.store.projects.get(projectId(`gh-${w.repository.id}`));
    expect(project?.settings).toMatchObject({ prefix: 'qa-', maxStacks: 2 });
  });

  it('shows mistakes in the settings as a failed check with the line', async () => {
    const sha = await w.github.people.push(w.repository, 'topic', {
      '.github/berth.yml': 'suites:\n  unit:\n    comand: x\n',
    });
    await w.settle();
    const check = w.checksOf(sha)['berth/settings'];
    expect(check).toMatchObject({
      conclusion: 'failure',
      output: { title: '2 mistakes in .github/berth.yml' },
    });
    expect(check?.annotations).toContainEqual(
      expect.objectContaining({
        path: '.github/berth.yml',
        start_line: 3,
        message: expect.stringContaining('Did you mean `command`?'),
      }),
    );
  });

  it('without settings is tested by a guess, which the check says', async () => {
    const sha = await w.github.people.push(w.repository, 'topic', {
      '.github/berth.yml': null,
      'go.mod': 'module shop\n',
    });
    await w.settle();
    expect((await w.runs())[0]?.spec.command).toBe('go test -json ./...');
    expect(w.checksOf(sha)['berth/test']?.output?.summary).toContain(
      'The command was guessed because there is a go.mod',
    );
  });

  it('is guessed in the directory of the defaults, with all defaults', async () => {
    const house = 'defaults: { env: { A: house } }\n';
    await w.github.addRepository({ name: '.github', files: { '.github/berth.yml': house } });
    await w.github.people.push(w.repository, 'topic', {
      '.github/berth.yml': 'defaults: { working-directory: app, env: { B: own }, cache: npm }\n',
      'go.mod': null,
      'app/go.mod': 'module shop\n',
    });
    await w.settle();
    expect((await runOf('test')).spec).toMatchObject({
      command: 'go test -json ./...',
      checkout: { path: 'app' },
      env: { A: 'house', B: 'own' },
      caches: [{ name: 'npm' }],
    });
  });

  it('is tested as the organization says in its repository .github, which the settings of the repository override', async () => {
    const own = 'defaults: { timeout: 5m }\n';
    const defaults = 'defaults: { memory: 4GB, timeout: 1h }\nsuites: { house: { command: make check } }\n';
    await w.github.addRepository({ name: '.github', files: { '.github/berth.yml': defaults } });
    await w.github.people.push(w.repository, 'topic', { '.github/berth.yml': own });
    await w.settle();
    expect((await runOf('house')).spec).toMatchObject({
      command: 'make check',
      memoryMib: 4096,
      timeoutSeconds: 300,
    });
  });

  it('says whose mistake it is where the organization’s settings have one', async () => {
    await w.github.addRepository({ name: '.github', files: { '.github/berth.yml': 'suits: {}\n' } });
    const sha = await w.github.people.push(w.repository, 'topic', { 'a.txt': 'a' });
    await w.settle();
    const check = w.checksOf(sha)['berth/settings'];
    expect(check).toMatchObject({ conclusion: 'failure' });
    expect(`${check?.output?.title} ${check?.output?.summary} ${check?.output?.text}`).toContain(
      '1 mistake in octo-org/.github: .github/berth.yml',
    );
    expect(check?.output?.summary).toContain('in the defaults of the organization');
    expect(check?.annotations).toEqual([]);
  });

  it('cannot name a suite like the deployment of the organization', async () => {
    await w.github.addRepository({
      name: '.github',
      files: { '.github/berth.yml': 'deploy: { command: x }\n' },
    });
    const files = { '.github/berth.yml': 'suites: { deploy: { command: y } }\n' };
    const sha = await w.github.people.push(w.repository, 'topic', files);
    await w.settle();
    expect(w.checksOf(sha)['berth/settings']).toMatchObject({ conclusion: 'failure' });
    expect(w.checksOf(sha)['berth/deploy']).toBeUndefined();
  });

  it('that no one knows how to test concludes neutral', async () => {
    const sha = await w.github.people.push(w.repository, 'topic', { '.github/berth.yml': null });
    await w.settle();
    expect(w.checksOf(sha)['berth/settings']).toMatchObject({ conclusion: 'neutral' });
  });
});

describe('a pull request', () => {
  beforeEach(async () => {
    w = await githubWorld({ files: twoSuites });
  });

  it('has one run for each suite and commit, the push included, and skips what its changes do not touch', async () => {
    const sha = await w.github.people.push(w.repository, 'topic', { 'src/a.ts': 'new' });
    await w.github.people.openPullRequest(w.repository, { branch: 'topic' });
    await w.settle();
    expect(await stateOf()).toEqual(['docs skipped', 'unit provisioning']);
    expect(w.checksOf(sha)['berth/docs']).toMatchObject({ conclusion: 'neutral' });
    expect(w.checksOf(sha)['berth/docs']?.output?.summary).toContain(
      'No changed file is one that the suite runs for',
    );
  });

  it('tells its runs the branch that it goes into, those from before it was opened included', async () => {
    await w.github.people.push(w.repository, 'release', { 'b.txt': 'b' });
    const sha = await w.github.people.push(w.repository, 'topic', { 'src/a.ts': 'new' });
    await w.settle();
    const baseBranches = async () =>
      (await w.runs()).filter((run) => run.sha === sha).map((run) => run.github?.baseBranch);
    expect(await baseBranches()).toEqual([undefined, undefined]);
    const pull = await w.github.people.openPullRequest(w.repository, { branch: 'topic', base: 'release' });
    await w.settle();
    expect(await baseBranches()).toEqual(['release', 'release']);
    pull.baseBranch = 'main';
    await w.github.people.changePullRequest(w.repository, pull, 'ready_for_review');
    await w.settle();
    expect(await baseBranches()).toEqual(['main', 'main']);
    const newer = await w.github.people.push(w.repository, 'topic', { 'src/a.ts': 'newer' });
    await w.settle();
    expect((await w.runs()).find((run) => run.sha === newer)?.github?.baseBranch).toBe('main');
  });

  it('holds one stack from its first run after opening to its closing', async () => {
    const { pull } = await openPull();
    const run = await runOf('unit');
    await w.finish(run);
    const project = projectId(`gh-${w.repository.id}`);
    const held = (await w.deps.store.stacks.list(project)).find(
      (stack) => stack.hold?.holder === holder.branch('topic'),
    );
    expect(held?.stackName).toMatch(/^test-/);
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await w.settle();
    const after = await w.deps.store.stacks.list(project);
    expect(after.find((stack) => stack.stackName === held?.stackName)?.hold).toBeUndefined();
  });

  it('that is closed in the middle of a run gives its stack back when the run has stopped, and takes none later', async () => {
    const { pull } = await openPull();
    const run = await runOf('unit');
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await w.settle();
    await w.finish(run, { outcome: 'cancelled', exitCode: null });
    const project = projectId(`gh-${w.repository.id}`);
    expect(
      (await w.deps.store.stacks.list(project)).filter(
        (stack) => stack.hold?.holder === holder.branch('topic'),
      ),
    ).toEqual([]);
    expect((await w.deps.store.holders.get(project, holder.branch('topic')))?.closed).toBeDefined();
    expect(w.checksOf(pull.headSha)['berth/unit']).toMatchObject({ conclusion: 'cancelled' });
  });

  it('that is opened again is tested again', async () => {
    const { pull } = await openPull();
    const first = await runOf('unit');
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await w.settle();
    await w.github.people.changePullRequest(w.repository, pull, 'reopened');
    const sha = await w.github.people.push(w.repository, 'topic', { 'src/a.ts': 'again' });
    await w.settle();
    await w.finish(first, { outcome: 'cancelled', exitCode: null });
    expect(w.checksOf(sha)['berth/unit']?.status).toBe('in_progress');
  });

  it('that is a draft runs when it is ready, where the settings say so', async () => {
    await w.github.people.push(w.repository, 'main', {
      '.github/berth.yml': 'suites: { unit: { command: x, drafts: false } }\n',
    });
    await w.github.people.push(w.repository, 'wip', { 'a.txt': 'a' });
    await w.settle();
    const pull = await w.github.people.openPullRequest(w.repository, { branch: 'wip', draft: true });
    await w.settle();
    const sha = await w.github.people.push(w.repository, 'wip', { 'a.txt': 'b' });
    await w.settle();
    expect(w.checksOf(sha)['berth/unit']).toMatchObject({ conclusion: 'neutral' });
    await w.github.people.changePullRequest(w.repository, pull, 'ready_for_review');
    await w.settle();
    expect(w.checksOf(sha)['berth/unit']).toMatchObject({ conclusion: null });
  });
});

describe('a pull request from a fork', () => {
  beforeEach(async () => {
    w = await githubWorld({
      files: { '.github/berth.yml': 'suites: { unit: { command: npm test, secrets: { KEY: ssm:/key } } }\n' },
    });
  });

  async function openFork(): Promise<PullState> {
    // The fork's own settings would let it run anything.
    await w.repository.git.commit(
      'evil',
      { '.github/berth.yml': 'suites: { evil: { command: steal } }\n' },
      { from: 'main' },
    );
    const pull = await w.github.people.openPullRequest(w.repository, {
      branch: 'evil',
      by: 'mallory',
      fork: 'mallory',
    });
    await w.settle();
    return pull;
  }

  /** GitHub tells whole seconds: the approval has to come in a later one than the refusal. */
  async function refusedEarlier(): Promise<void> {
    const [run] = await w.runs();
    if (run?.github?.publishedAt === undefined) throw new Error('no refusal is shown');
    const publishedAt = new Date(run.github.publishedAt.getTime() - 5_000);
    await w.deps.store.runs.save({ ...run, github: { ...run.github, publishedAt } }, new Date());
  }

  it('is not run, asks for an approval once, and says what to do; no one is bothered with a comment', async () => {
    const pull = await openFork();
    expect(await stateOf()).toEqual(['unit skipped']);
    expect(w.checksOf(pull.headSha)).toMatchObject({
      'berth/unit': {
        conclusion: 'action_required',
        output: { title: 'Not run: a pull request from a fork needs approval' },
        actions: [expect.objectContaining({ identifier: 'approve' })],
      },
    });
    expect(w.repository.comments).toEqual([]);
  });

  it('runs after /ok-to-test, by the settings of the base branch, without secrets and without a stack', async () => {
    const pull = await openFork();
    await refusedEarlier();
    await w.github.people.comment(w.repository, pull, '/ok-to-test', { by: 'dana' });
    await w.settle();
    const run = (await w.runs()).find((one) => one.state !== 'skipped');
    expect(run?.spec).toMatchObject({
      suite: 'unit',
      command: 'npm test',
      untrusted: true,
      secrets: {},
      source: { ref: 'refs/pull/1/head' },
    });
    expect(run?.spec.stack).toBeUndefined();
    expect(run?.sha).toBe(pull.headSha);
  });

  it('is not let in by someone without write access', async () => {
    const pull = await openFork();
    const comment = await w.github.people.comment(w.repository, pull, '/ok-to-test', { by: 'mallory' });
    await w.settle();
    expect(comment.reactions).toEqual(['-1']);
    expect(await stateOf()).toEqual(['unit skipped']);
  });

  it('asks again when the commit is newer than the approval', async () => {
    const pull = await openFork();
    pull.headSha = await w.repository.git.commit('evil', { 'x.txt': 'x' });
    await w.github.people.comment(w.repository, pull, '/ok-to-test', { by: 'dana' });
    await w.settle();
    expect((await stateOf()).filter((state) => !state.endsWith('skipped'))).toEqual([]);
    expect(w.repository.comments.at(-1)?.body).toContain('is newer than your comment');
  });

  it('is not run by /retest either', async () => {
    const pull = await openFork();
    await w.github.people.comment(w.repository, pull, '/retest unit', { by: 'dana' });
    await w.settle();
    expect(await stateOf()).toEqual(['unit skipped']);
    expect(w.repository.comments.at(-1)?.body).toContain('`/ok-to-test` approves it');
  });
});

describe('a comment', () => {
  let pull: PullState;
  beforeEach(async () => {
    w = await githubWorld();
    ({ pull } = await openPull());
  });
  const say = async (body: string, by = 'dana') => {
    const comment = await w.github.people.comment(w.repository, pull, body, { by });
    await w.settle();
    return comment;
  };
  const answers = () =>
    w.repository.comments
      .filter((one) => one.author === 'berth[bot]')
      .map((one) => one.body.split('\n\n<!--')[0]);

  it('/retest runs what failed again, in a separate check run, and leaves what passed', async () => {
    const run = await runOf('unit');
    await w.finish(run, { outcome: 'failed', exitCode: 1, failures: [aFailure()] });
    const comment = await say('/retest');
    expect(comment.reactions).toEqual(['eyes']);
    expect(w.repository.checkRuns.map((one) => one.conclusion ?? one.status)).toEqual([
      'failure',
      'in_progress',
    ]);
    const again = await runOf('unit');
    expect(again.retryOf).toBe(run.id);
    await w.finish(again);
    await say('/retest');
    expect(answers()).toEqual([expect.stringContaining('Nothing has failed')]);
    expect(await w.runs()).toHaveLength(2);
  });

  it('/cancel cancels what runs', async () => {
    await say('/cancel');
    expect((await runOf('unit')).cancel?.by).toBe('dana');
  });

  it('/stack and /release show the stack', async () => {
    await say('/stack');
    await say('/release');
    await w.finish(await runOf('unit'));
    await say('/release');
    await say('/stack');
    expect(answers()).toEqual([
      expect.stringMatching(/^This pull request holds `test-\d` since .* a run is active on it\.$/),
      expect.stringContaining('was not released: a run is active on it'),
      expect.stringMatching(/^`test-\d` was released/),
      'This pull request does not hold a stack, and does not wait for one.',
    ]);
  });

  it('of several commands gets one answer, and one that is mistyped gets the nearest', async () => {
    const comment = await say('/help\n/retset');
    expect(comment.reactions).toEqual(['eyes']);
    expect(answers()).toEqual([
      expect.stringMatching(/`\/ok-to-test`[\s\S]*`\/retset` was not understood. Did you mean `\/retest`\?/),
    ]);
  });

  it('of ordinary talk, of a bot, or of someone without write access starts nothing', async () => {
    const talk = await say('Looks good, please /retest it.');
    const bot = await say('/retest all', 'renovate[bot]');
    const reader = await say('/retest all', 'rin');
    expect([talk.reactions, bot.reactions, reader.reactions]).toEqual([[], [], ['-1']]);
    expect(answers()).toEqual([]);
    expect(await w.runs()).toHaveLength(1);
  });

  it('is handled once however often it is delivered', async () => {
    const run = await runOf('unit');
    await w.finish(run, { outcome: 'failed', exitCode: 1 });
    await say('/retest\n/stack');
    const delivery = w.github.state.deliveries.findLast((one) => one.event === 'issue_comment');
    await w.github.webhooks.send('issue_comment', JSON.parse(delivery?.body ?? '{}'));
    await w.settle();
    expect(await w.runs()).toHaveLength(2);
    expect(answers()).toHaveLength(1);
  });
});

describe('a button of a check run', () => {
  beforeEach(async () => {
    w = await githubWorld();
  });

  it('retests, by Berth’s button or by GitHub’s, for people with write access', async () => {
    const { sha } = await openPull();
    const run = await runOf('unit');
    await w.finish(run, { outcome: 'failed', exitCode: 1 });
    const check = w.checksOf(sha)['berth/unit'];
    if (check === undefined) throw new Error('there is no check run');
    await w.github.people.press(w.repository, check, 'retest', { by: 'rin' });
    await w.settle();
    expect(await w.runs()).toHaveLength(1);
    await w.github.people.press(w.repository, check, undefined, { by: 'dana' });
    await w.settle();
    const [again] = await w.runs();
    expect(again).toMatchObject({ retryOf: run?.id, trigger: { kind: 'check_run', actor: 'dana' } });
  });

  it('cancels', async () => {
    const { sha } = await openPull();
    const check = w.checksOf(sha)['berth/unit'];
    if (check === undefined) throw new Error('there is no check run');
    await w.github.people.press(w.repository, check, 'cancel', { by: 'dana' });
    await w.settle();
    expect((await w.runs())[0]?.cancel?.by).toBe('dana');
  });
});

describe('a merge queue', () => {
  it('has its groups tested', async () => {
    w = await githubWorld();
    const { pull } = await openPull();
    const sha = await w.github.people.queueForMerge(w.repository, pull);
    await w.settle();
    expect(w.checksOf(sha)['berth/unit']).toMatchObject({ status: 'in_progress' });
    expect((await w.runs()).find((run) => run.sha === sha)).toMatchObject({
      trigger: { kind: 'merge_group' },
      github: { baseBranch: 'main' },
    });
  });
});

describe('the App', () => {
  beforeEach(async () => {
    w = await githubWorld();
  });
  const project = () => w.deps.store.projects.get(projectId(`gh-${w.repository.id}`));

  it('makes projects when it is installed, and puts them to rest when it is removed', async () => {
    await w.github.people.install();
    await w.settle();
    expect(await project()).toMatchObject({ name: 'octo-org/shop', github: { defaultBranch: 'main' } });
    await w.github.people.push(w.repository, 'topic', { a: 'a' });
    await w.settle();
    await w.github.people.uninstall();
    await w.settle();
    expect((await project())?.suspendedAt).toBeDefined();
    expect((await w.runs())[0]?.cancel?.reason).toContain('was removed');
    await w.github.people.install();
    await w.settle();
    expect((await project())?.suspendedAt).toBeUndefined();
  });

  it('knows a repository that was renamed by its number', async () => {
    await w.github.people.install();
    await w.github.people.rename(w.repository, 'store');
    await w.settle();
    expect((await project())?.name).toBe('octo-org/store');
    const sha = await w.github.people.push(w.repository, 'topic', { a: 'a' });
    await w.settle();
    expect(w.checksOf(sha)['berth/unit']).toBeDefined();
  });

  it('has events sent again that no one took', async () => {
    await w.github.people.install();
    await w.settle();
    const { webhookUrl } = w.github.state;
    w.github.state.webhookUrl = undefined;
    const sha = await w.github.people.push(w.repository, 'topic', { a: 'a' });
    w.github.state.webhookUrl = webhookUrl;
    expect((await catchUp(w.deps)).redelivered).toBe(2);
    await w.settle();
    expect((await w.runs()).map((run) => run.sha)).toEqual([sha]);
    expect(w.repository.checkRuns).toHaveLength(1);
  });

  it('finds open pull requests whose events are lost permanently', async () => {
    await w.github.people.install();
    await w.settle();
    const sha = await w.repository.git.commit('topic', { a: 'a' }, { from: 'main' });
    await w.github.people.openPullRequest(w.repository, { branch: 'topic' });
    await w.settle();
    // As if the event had never come.
    const again = await w.repository.git.commit('topic', { a: 'b' });
    Object.assign(w.repository.pulls[0] ?? {}, { headSha: again });
    expect(await catchUp(w.deps)).toEqual({ redelivered: 0, branches: 1 });
    await w.settle();
    expect((await w.runs()).map((run) => run.sha)).toEqual([again, sha]);
    expect((await catchUp(w.deps)).branches).toBe(0);
  });

  it('keeps an event for later that GitHub does not let it handle now', async () => {
    w.github.faults.push({ path: /shop\/contents/, times: 4, response: { status: 502 } });
    await w.github.people.push(w.repository, 'topic', { a: 'a' });
    await w.settle();
    expect(await w.runs()).toEqual([]);
    const due = await w.deps.store.deliveries.due(new Date(Date.now() + 60_000), 10);
    w.github.faults.length = 0;
    for (const id of due) w.queue.arrived(id);
    await w.settle();
    expect(await w.runs()).toHaveLength(1);
  });

  it('takes nothing that it did not sign the secret for', async () => {
    const response = await w.github.state.sendWebhook(w.github.state.webhookUrl ?? '', {
      method: 'POST',
      headers: {
        'x-github-delivery': 'a',
        'x-github-event': 'push',
        'x-hub-signature-256': `sha256=${'0'.repeat(64)}`,
      },
      body: '{}',
    });
    expect(await response.text()).toContain('is not that of the App');
    expect(await w.deps.store.deliveries.get('a')).toBeUndefined();
  });
});
