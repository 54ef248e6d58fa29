import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { isActive, type Run } from '../../../app/core/model/run.ts';
import type { PullState } from '../../helpers/github-stand-in/state.ts';
import type { GithubWorld } from '../../helpers/github-world.ts';
import { installedGithub, passTime } from '../../helpers/installed-github.ts';
import type { FakeClock } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
let clock: FakeClock;
let sha: string;
let pull: PullState;

const settings = `
defaults: { stack: false }
suites:
  build: { command: make, paths: 'src/**' }
  test:
    command: make test
    needs: [build]
    matrix: { node: [20, 22] }
  e2e: { command: make e2e, needs: [test], stack: true }
`;

beforeEach(async () => {
  ({ w, clock } = await installedGithub({ '.github/berth.yml': settings, 'src/a.ts': '1' }));
  sha = await w.repository.git.commit('topic', { 'src/a.ts': '2' }, { from: 'main' });
  pull = await w.github.people.openPullRequest(w.repository, { branch: 'topic' });
  await pass();
});
afterEach(() => w.close());

const pass = (seconds = 60): Promise<void> => passTime({ w, clock }, seconds);
const ofHead = async () => (await w.runs()).filter((run) => run.sha === sha);
const running = async () =>
  (await ofHead())
    .filter((run) => isActive(run) && run.task !== undefined)
    .map(({ spec }) => spec.suite)
    .sort();
const titleOf = (suite: string) => w.checksOf(sha)[`berth/${suite}`]?.output?.title;
const conclusionOf = (suite: string) => w.checksOf(sha)[`berth/${suite}`]?.conclusion;

async function finish(suite: string, outcome: 'succeeded' | 'failed' = 'succeeded'): Promise<Run> {
  const run = (await ofHead()).find(
    (one) => one.spec.suite === suite && isActive(one) && one.task !== undefined,
  );
  if (run === undefined) throw new Error(`${suite} is not running`);
  clock.advance(60);
  await w.finish(run, { outcome });
  return run;
}

describe('a suite that needs others', () => {
  it('starts when they have passed, all combinations of a matrix included', async () => {
    expect(await running()).toEqual(['build']);
    expect(titleOf('test-20')).toBe('Waiting for berth/build');
    await finish('build');
    // Woken by the suite that it waits for, not by time.
    expect(await running()).toEqual(['test-20', 'test-22']);
    await finish('test-20');
    expect(await running()).toEqual(['test-22']);
    expect((await ofHead()).find(({ spec }) => spec.suite === 'e2e')?.waiting?.suite).toBe('test-22');
    await finish('test-22');
    expect(await running()).toEqual(['e2e']);
    await finish('e2e');
    expect(conclusionOf('e2e')).toBe('success');
  });

  it('does not run if one fails, and runs when that passes after a retest', async () => {
    await finish('build', 'failed');
    await pass();
    expect(await running()).toEqual([]);
    expect(conclusionOf('test-20')).toBe('failure');
    expect(w.checksOf(sha)['berth/e2e']?.output?.summary).toContain('needs berth/build, which did not pass');
    await w.github.people.comment(w.repository, pull, '/retest build', { by: 'dana' });
    await pass();
    expect(await running()).toEqual(['build']);
    await finish('build');
    await pass();
    expect(await running()).toEqual(['test-20', 'test-22']);
  });

  it('waits for the retest where all that failed is retested', async () => {
    await finish('build', 'failed');
    await pass();
    await w.github.people.comment(w.repository, pull, '/retest', { by: 'dana' });
    await pass();
    expect(await running()).toEqual(['build']);
    await finish('build');
    await finish('test-20');
    await finish('test-22');
    await finish('e2e');
    await pass(600);
    expect((await ofHead()).filter(isActive)).toEqual([]);
    expect(['build', 'test-20', 'test-22', 'e2e'].map(conclusionOf)).toEqual(Array(4).fill('success'));
    expect((await ofHead()).filter(({ spec }) => spec.suite === 'e2e')).toHaveLength(2);
  });

  it('counts one that is not run for the change as passed, and leaves with its commit', async () => {
    const old = sha;
    await finish('build');
    await finish('test-20');
    await finish('test-22');
    sha = await w.github.people.push(w.repository, 'other', { 'docs/a.md': '1' });
    await pass();
    expect(conclusionOf('build')).toBe('neutral');
    expect(await running()).toEqual(['test-20', 'test-22']);
    sha = await w.github.people.push(w.repository, 'topic', { 'src/a.ts': '3' });
    await pass();
    expect(await running()).toEqual(['build']);
    const left = (await w.runs()).filter((run) => run.sha === old && run.spec.suite === 'e2e');
    expect(left.map(({ cancel }) => cancel?.reason)).toEqual([expect.stringMatching(/newer commit/)]);
  });
});
