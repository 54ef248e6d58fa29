import { afterEach, describe, expect, it } from '@jest/globals';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';

/** Choices of the author of a pull request decide less than it seems: names of branches, bases, a second pull request. */
let w: GithubWorld;
afterEach(() => w.close());

const settings = `suites:
  unit: { command: make unit, branches: [main] }
  release: { command: make release, branches: ['release/*'] }
`;

async function begin(files: Readonly<Record<string, string>> = { '.github/berth.yml': settings }) {
  w = await githubWorld({ files });
  await w.github.people.install();
  await w.settle();
}

const stateOf = async (suite: string, sha: string) =>
  (await w.runs()).find((run) => run.spec.suite === suite && run.sha === sha)?.state;

describe('two pull requests of one branch', () => {
  it.each(['release/1', 'main'])(
    'run the suites of both base branches at each commit, %s first',
    async (first) => {
      await begin();
      await w.repository.git.commit('release/1', { 'r.txt': 'r' }, { from: 'main' });
      await w.github.people.push(w.repository, 'fix', { 'a.txt': '1' });
      for (const base of [first, first === 'main' ? 'release/1' : 'main'])
        await w.github.people.openPullRequest(w.repository, { branch: 'fix', base });
      await w.settle();
      const sha = await w.github.people.push(w.repository, 'fix', { 'a.txt': '2' });
      await w.settle();
      expect(await stateOf('unit', sha)).not.toBe('skipped');
      expect(await stateOf('release', sha)).not.toBe('skipped');
    },
  );

  it('of a fork have the settings of the default branch, though the other was opened first', async () => {
    await begin();
    await w.repository.git.commit(
      'old',
      { '.github/berth.yml': 'suites: { unit: { command: "true" } }\n' },
      { from: 'main' },
    );
    await w.repository.git.commit('evil', { 'x.txt': 'x' }, { from: 'main' });
    for (const base of ['old', 'main'])
      await w.github.people.openPullRequest(w.repository, {
        branch: 'evil',
        by: 'mallory',
        fork: 'mallory',
        base,
      });
    await w.settle();
    const pull = w.repository.pulls.at(-1);
    if (pull === undefined) throw new Error('no pull request');
    await w.github.people.comment(w.repository, pull, `/ok-to-test ${pull.headSha}`, { by: 'dana' });
    await w.settle();
    const run = (await w.runs()).find(({ spec, state }) => spec.suite === 'unit' && state !== 'skipped');
    expect(run?.spec.command).toBe('make unit');
  });
});

it('a pull request of the default branch does not end its own suites', async () => {
  await begin();
  await w.repository.git.commit('release/1', { 'r.txt': 'r' }, { from: 'main' });
  await w.github.people.openPullRequest(w.repository, { branch: 'main', base: 'release/1' });
  await w.settle();
  const sha = await w.github.people.push(w.repository, 'main', { 'a.txt': '2' });
  await w.settle();
  expect(await stateOf('unit', sha)).not.toBe('skipped');
  expect(await stateOf('release', sha)).not.toBe('skipped');
});

describe('the branch of a fork with the name of a merge group', () => {
  it('is tested for the base branch of its pull request', async () => {
    await begin();
    const branch = 'gh-readonly-queue/other/pr-1-0000000';
    await w.repository.git.commit(branch, { 'x.txt': 'x' }, { from: 'main' });
    const pull = await w.github.people.openPullRequest(w.repository, {
      branch,
      by: 'mallory',
      fork: 'mallory',
    });
    await w.settle();
    await w.github.people.comment(w.repository, pull, `/ok-to-test ${pull.headSha}`, { by: 'dana' });
    await w.settle();
    const run = (await w.runs()).find(({ spec, state }) => spec.suite === 'unit' && state !== 'skipped');
    expect(run?.github?.baseBranch).toBe('main');
    expect(run?.trigger.kind).toBe('comment');
    // Approved, and not run for another reason.
    expect(w.checksOf(pull.headSha)['berth/release']?.output?.title).toBe('Not run for this change');
  });
});
