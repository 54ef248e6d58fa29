import { afterEach, describe, expect, it } from '@jest/globals';
import { sweepBranches } from '../../../app/core/branches/sweep-branches.ts';
import { sweepComments } from '../../../app/core/branches/sweep-comments.ts';
import { projectId } from '../../../app/core/model/ids.ts';
import { isActive } from '../../../app/core/model/run.ts';
import { retestSuites } from '../../../app/core/runs/retest-suites.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import { reserveStack, unreserveStack } from '../../../app/core/stacks/reserve-stack.ts';
import type { PullState } from '../../helpers/github-stand-in/state.ts';
import type { GithubWorld } from '../../helpers/github-world.ts';
import { installedGithub } from '../../helpers/installed-github.ts';
import type { FakeClock } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
let clock: FakeClock;
afterEach(() => w.close());

const plain = 'suites: { unit: { command: npm test } }\n';
const withUrl = "suites: { unit: { command: npm test, stack: { url: 'https://{stack}.example.com/' } } }\n";

async function start(settings = plain): Promise<void> {
  ({ w, clock } = await installedGithub({ '.github/berth.yml': settings }));
}

async function open(branch = 'topic'): Promise<PullState> {
  await w.github.people.push(w.repository, branch, { 'a.txt': 'one' });
  const pull = await w.github.people.openPullRequest(w.repository, { branch });
  await w.settle();
  return pull;
}

async function pass(seconds = 61): Promise<void> {
  clock.advance(seconds);
  await sweep(w.deps);
  await sweepBranches(w.deps);
  await sweepComments(w.deps);
  await w.settle();
}

async function finishAll(result: Parameters<GithubWorld['finish']>[1] = {}): Promise<void> {
  for (const run of (await w.runs()).filter(isActive)) await w.finish(run, result);
  await sweepComments(w.deps);
}

const comments = () => w.repository.comments.filter(({ author }) => author.endsWith('[bot]'));
const body = (): string => comments()[0]?.body ?? '';
const writes = () =>
  w.github.requests.filter((one) =>
    /^(POST|PATCH|DELETE) .*\/issues\/(\d+\/comments|comments\/\d+)$/.test(one),
  );
const failed = { outcome: 'failed', exitCode: 1 } as const;

describe('the comment of a pull request', () => {
  it('is created once with the results, and edited for the next commit', async () => {
    await start();
    await open();
    await pass();
    // The checks say everything while the first suites run.
    expect(comments()).toEqual([]);
    await finishAll();
    expect(comments()).toHaveLength(1);
    expect(body()).toContain('✅ Passed');
    expect(body()).toContain('**Stack** `test-1`');
    expect(body()).toMatch(/\[unit\]\(http[^)]*\/runs\/[^)]+\)/);
    expect(body()).toContain('`/retest`');
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'two' });
    await w.settle();
    await pass();
    expect(body()).toContain('⏳ In progress');
    await finishAll(failed);
    expect(comments()).toHaveLength(1);
    expect(body()).toContain('❌ The command failed with exit code 1');
    expect(writes()).toHaveLength(3);
  });

  it('is not there for a run of an earlier commit if the current commit turns it off', async () => {
    await start('suites: { unit: { command: npm test, cancelSuperseded: false } }\n');
    await open();
    await w.github.people.push(w.repository, 'topic', { '.github/berth.yml': `comment: false\n${plain}` });
    await w.settle();
    await finishAll();
    await pass();
    expect(await w.runs()).toHaveLength(2);
    expect(comments()).toEqual([]);
  });

  it('is there for the current commit if it was pushed before the first run ended', async () => {
    await start();
    await open();
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'two' });
    await w.settle();
    await finishAll();
    await pass();
    expect(comments()).toHaveLength(1);
    expect(body()).toContain('✅ Passed');
  });

  it('says where the stack is as soon as there is one with an address', async () => {
    await start(withUrl);
    await open();
    await pass();
    expect(body()).toContain('[https://test-1.example.com/](https://test-1.example.com/)');
    expect(body()).toContain('⏳ In progress');
  });

  it('says for whom, until when and why the stack is reserved, until that ends', async () => {
    await start(withUrl);
    await open();
    await finishAll();
    expect(body()).toContain('It is released when the pull request closes.');
    const project = await w.deps.store.projects.get(projectId(`gh-${w.repository.id}`));
    if (project === undefined) throw new Error('no project');
    const stackName = 'test-1';
    await reserveStack(w.deps, { project, stackName, by: 'dana', reason: 'demo for *sales*', seconds: 7200 });
    await pass();
    expect(body()).toMatch(/ It is reserved by `dana` until 20.* UTC: demo for \\\*sales\\\*\./);
    await unreserveStack(w.deps, { project, stackName });
    await pass();
    expect(body()).toContain('It is released when the pull request closes.');
  });

  it('is not written again without a substantial change, however often it is looked at', async () => {
    await start();
    await open();
    await finishAll();
    const before = writes().length;
    for (let hour = 0; hour < 30; hour += 1) await pass(3600);
    expect(writes()).toHaveLength(before);
  });

  it('is created once by several processes, and after a crash before its ID was stored', async () => {
    await start();
    const pull = await open();
    for (const run of (await w.runs()).filter(isActive)) await w.finish(run);
    const parallel = Array.from({ length: 5 }, () => ({
      ...w.deps,
      serialize: <T>(_: string, work: (hasWaited: boolean) => Promise<T>) => work(false),
    }));
    await Promise.all(parallel.map((deps) => sweepComments(deps)));
    expect(comments()).toHaveLength(1);
    const id = projectId(`gh-${w.repository.id}`);
    const stored = await w.deps.store.comments.get(id, pull.number);
    if (stored === undefined) throw new Error('no record');
    const { commentId: _, shown: __, writtenAt: ___, ...crashed } = stored;
    await w.deps.store.comments.save({ ...crashed, attempts: 1, dueAt: clock.now() });
    await pass();
    expect(comments()).toHaveLength(1);
    expect((await w.deps.store.comments.get(id, pull.number))?.commentId).toBe(comments()[0]?.id);
  });

  it('does not adopt the comment of a person that begins with the mark', async () => {
    await start();
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'one' });
    clock.advance(3600);
    const pull = await w.github.people.openPullRequest(w.repository, { branch: 'topic' });
    const forged = { id: 1, issue: pull.number, author: 'eve', createdAt: new Date(), reactions: [] };
    w.repository.comments.push({ ...forged, body: '<!-- berth pull request -->\nmine' });
    await w.settle();
    await finishAll();
    expect(w.repository.comments.find(({ author }) => author === 'eve')?.body).toContain('mine');
    expect(comments()).toHaveLength(1);
  });

  it('is not created again after a person deleted it', async () => {
    await start();
    await open();
    await finishAll();
    w.repository.comments.length = 0;
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'two' });
    await w.settle();
    await pass();
    await finishAll(failed);
    await pass(7200);
    expect(comments()).toEqual([]);
  });

  it('replaces what others wrote into it at the next change', async () => {
    await start();
    await open();
    await finishAll();
    const [comment] = w.repository.comments;
    if (comment === undefined) throw new Error('no comment');
    comment.body = 'edited';
    await pass();
    expect(body()).toBe('edited');
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'two' });
    await w.settle();
    await pass();
    expect(body()).toContain('**Berth** tests');
  });

  it('is adopted if the answer to its creation was lost', async () => {
    await start();
    await open();
    w.github.faults.push({ method: 'POST', path: /issues\/\d+\/comments/, response: 'lost' });
    await finishAll();
    await pass(3600);
    await w.github.people.push(w.repository, 'topic', { 'a.txt': 'two' });
    await w.settle();
    await finishAll(failed);
    expect(comments()).toHaveLength(1);
    expect(body()).toContain('❌');
  });

  it('is written when GitHub takes it after a refusal', async () => {
    await start();
    await open();
    w.github.faults.push({ path: /comments/, times: 2, response: { status: 502 } });
    await finishAll();
    expect(comments()).toEqual([]);
    await pass(3600);
    await pass(3600);
    await pass(3600);
    expect(comments()).toHaveLength(1);
  });

  it('says that nothing is in progress after the pull request was closed', async () => {
    await start(withUrl);
    const pull = await open();
    await pass();
    expect(body()).toContain('In progress');
    await w.github.people.changePullRequest(w.repository, pull, 'closed');
    await w.settle();
    for (const run of (await w.runs()).filter(isActive))
      await w.finish(run, { outcome: 'cancelled', exitCode: null });
    await pass();
    await pass();
    expect(body()).not.toContain('In progress');
    expect(body()).toContain('Canceled');
  });

  it('shows a retest, and its result', async () => {
    await start();
    await open();
    await finishAll(failed);
    const [run] = await w.runs();
    const project = await w.deps.store.projects.get(projectId(`gh-${w.repository.id}`));
    if (run?.sha === undefined || project === undefined) throw new Error('no run');
    const trigger = { kind: 'comment', actor: 'dana' } as const;
    await retestSuites(w.deps, {
      project,
      sha: run.sha,
      which: 'failed',
      trigger,
      key: 'comment 1',
      fits: () => true,
    });
    await w.settle();
    await finishAll();
    expect(body()).toContain('✅ Passed');
  });

  it('is not there where the repository, the project, or the operator turned it off', async () => {
    for (const off of ['repository', 'project', 'operator']) {
      await start(off === 'repository' ? `comment: false\n${plain}` : plain);
      const id = projectId(`gh-${w.repository.id}`);
      if (off === 'operator') Object.assign(w.deps, { pullComments: false });
      const project = await w.deps.store.projects.get(id);
      if (off === 'project' && project !== undefined) {
        const settings = { ...project.settings, deployments: false };
        await w.deps.store.projects.replace(project, { ...project, settings });
      }
      await open();
      await finishAll();
      await pass(7200);
      expect([off, w.github.requests.filter((one) => one.includes('/comments'))]).toEqual([off, []]);
      if (off !== 'operator') await w.close();
    }
  });

  it('is removed when the repository turns it off', async () => {
    await start();
    await open();
    await finishAll();
    expect(comments()).toHaveLength(1);
    await w.github.people.push(w.repository, 'topic', { '.github/berth.yml': `comment: false\n${plain}` });
    await w.settle();
    await pass();
    expect(comments()).toEqual([]);
  });
});
