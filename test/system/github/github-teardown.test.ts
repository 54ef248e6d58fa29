import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { projectId } from '../../../app/core/model/ids.ts';
import type { Run } from '../../../app/core/model/run.ts';
import type { Stack } from '../../../app/core/model/stack.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import type { PullState } from '../../helpers/github-stand-in/state.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';

const settings = `
stack: { maxStacks: 1 }
suites:
  e2e: { command: ./test.sh, teardown: ./destroy.sh, stack: { url: 'https://{stack}.example.com/' } }
`;

let w: GithubWorld;
let pull: PullState;
beforeEach(async () => {
  w = await githubWorld({ files: { '.github/berth.yml': settings } });
  await w.repository.git.commit('topic', { 'a.txt': 'a' }, { from: 'main' });
  pull = await w.github.people.openPullRequest(w.repository, { branch: 'topic' });
  await w.settle();
  await w.finish(await runOf('e2e'));
});
afterEach(() => w.close());

async function runOf(suite: string): Promise<Run> {
  const run = (await w.runs()).find((one) => one.spec.suite === suite);
  if (run === undefined) throw new Error(`there is no run of ${suite}`);
  return run;
}
async function stack(): Promise<Stack | undefined> {
  return w.deps.store.stacks.get(projectId(`gh-${w.repository.id}`), 1);
}
const close = async (): Promise<void> => {
  await w.github.people.changePullRequest(w.repository, pull, 'closed');
  await w.settle();
};
const check = (name: string) => w.checksOf(pull.headSha)[`berth/${name}`];

describe('the teardown of a pull request’s stack', () => {
  it('begins when the pull request is closed, is shown next to the suite, and frees the stack', async () => {
    await close();
    expect(check('e2e teardown')).toMatchObject({
      status: 'in_progress',
      output: { title: 'Starting the teardown of test-1' },
    });
    expect((await stack())?.hold?.teardownOf).toBe((await runOf('e2e')).id);
    await w.finish(await runOf('e2e teardown'));
    expect(check('e2e teardown')).toMatchObject({
      conclusion: 'success',
      output: { title: 'test-1 was torn down' },
    });
    expect((await stack())?.hold).toBeUndefined();
    // What the tests deployed is what the environment shows; a teardown deploys nothing.
    expect(w.repository.deployments).toHaveLength(1);
  });

  it('that fails is neutral, and says that the stack is dirty; /release force cleans it', async () => {
    await close();
    await w.finish(await runOf('e2e teardown'), {
      outcome: 'failed',
      exitCode: 3,
      logTail: ['cannot delete the bucket'],
    });
    expect(check('e2e teardown')).toMatchObject({
      conclusion: 'neutral',
      output: {
        title: 'Teardown failed; test-1 is dirty',
        summary: expect.stringContaining('This is not a problem of the change.'),
        text: expect.stringContaining('cannot delete the bucket'),
      },
    });
    expect(await stack()).toMatchObject({ dirty: { attempts: 1 } });
    const ofFork = await w.github.people.openPullRequest(w.repository, {
      branch: 'topic',
      by: 'mallory',
      fork: 'mallory',
    });
    await w.github.people.comment(w.repository, ofFork, '/release force', { by: 'dana' });
    await w.settle();
    expect(await stack()).toMatchObject({ dirty: { attempts: 1 } });
    await w.github.people.comment(w.repository, pull, '/release force', { by: 'dana' });
    await w.settle();
    expect((await stack())?.dirty).toBeUndefined();
    expect(w.repository.comments.at(-1)?.body).toContain('`test-1` counts as clean, and is available.');
  });

  it('waits for the end of a reservation, though the pull request is closed', async () => {
    await w.github.people.comment(w.repository, pull, '/reserve 2h demo for sales', { by: 'dana' });
    await w.settle();
    expect(w.repository.comments.at(-1)?.body).toContain('`test-1` is reserved until');
    await close();
    expect(await stack()).toMatchObject({ reservation: { by: 'dana', reason: 'demo for sales' } });
    expect((await stack())?.hold?.teardownOf).toBeUndefined();
    await w.github.people.comment(w.repository, pull, '/unreserve', { by: 'dana' });
    await w.settle();
    expect((await stack())?.reservation).toBeUndefined();
    await sweep(w.deps);
    await w.settle();
    expect((await stack())?.hold?.teardownOf).toBe((await runOf('e2e')).id);
  });

  it('is ended neither by events that come again, nor by the branch being deleted, nor by commands', async () => {
    await close();
    await close();
    await w.github.people.deleteBranch(w.repository, 'topic');
    await w.github.people.comment(w.repository, pull, '/cancel', { by: 'dana' });
    await w.settle();
    const run = await runOf('e2e teardown');
    expect(run.cancel).toBeUndefined();
    await w.finish(run);
    expect((await w.runs()).filter(({ spec }) => spec.teardownOf !== undefined)).toMatchObject([
      { state: 'succeeded' },
    ]);
  });

  it('holds up the next pull request until it has ended', async () => {
    const sha = await w.repository.git.commit('next', { 'b.txt': 'b' }, { from: 'main' });
    await w.github.people.openPullRequest(w.repository, { branch: 'next' });
    await w.settle();
    await close();
    expect(w.checksOf(sha)['berth/e2e']).toMatchObject({ status: 'queued' });
    await w.finish(await runOf('e2e teardown'));
    expect(w.checksOf(sha)['berth/e2e']).toMatchObject({ status: 'in_progress' });
  });

  it('runs though a suite that its own suite needs has failed since', async () => {
    const needs = `
suites:
  unit: { command: npm test, stack: false }
  e2e: { command: ./test.sh, needs: [unit], concurrency: 1, teardown: ./destroy.sh }
`;
    pull.headSha = await w.github.people.push(w.repository, 'topic', { '.github/berth.yml': needs });
    await w.settle();
    const latest = async (suite: string) => (await w.runs()).find((run) => run.spec.suite === suite) as Run;
    await w.finish(await latest('unit'));
    await w.finish(await latest('e2e'));
    await w.github.people.comment(w.repository, pull, '/retest unit', { by: 'dana' });
    await w.settle();
    await w.finish(await latest('unit'), { outcome: 'failed', exitCode: 1 });
    await close();
    expect((await latest('e2e teardown')).task).toBeDefined();
    await w.finish(await latest('e2e teardown'));
    expect(await stack()).not.toHaveProperty('dirty');
  });

  it('is not a suite for /retest', async () => {
    await w.github.people.comment(w.repository, pull, '/release', { by: 'dana' });
    await w.settle();
    await w.finish(await runOf('e2e teardown'), { outcome: 'failed', exitCode: 1 });
    await w.github.people.comment(w.repository, pull, '/retest', { by: 'dana' });
    await w.settle();
    const answers = w.repository.comments.map(({ body }) => body.split('\n\n<!--')[0]);
    expect(answers).toContain(
      '`test-1` was released, and its teardown runs before it is available again. The next run of this pull request takes a stack again.',
    );
    expect(answers.at(-1)).toMatch(/^Nothing has failed on/);
  });
});
