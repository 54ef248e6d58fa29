import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { catchUp } from '../../../../app/core/branches/catch-up.ts';
import { sweepBranches } from '../../../../app/core/branches/sweep-branches.ts';
import type { GithubDeps } from '../../../../app/core/deps.ts';
import { createSweep } from '../../../../app/core/runs/sweep.ts';
import { type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { ModelledGithub, type Ref } from '../../../helpers/repository-history/modelled-github.ts';
import {
  launchStoredTask,
  openStoredData,
  storedProject as project,
  type StoredData,
} from '../../../helpers/stored-data.ts';

const own = (name: string): Ref => ({ repositoryId: 4711, name });
/** The commit of every run in the stored data. */
const sha = 'c'.repeat(40);

let stored: StoredData;
let github: ModelledGithub;
let w: World;
let deps: GithubDeps;

beforeEach(async () => {
  stored = await openStoredData();
  github = new ModelledGithub(4711);
  github.installation = 1;
  w = world({ store: stored.store, deps: { checks: github.checksPort(() => w.clock.now()) } });
  deps = { ...w.deps, github: github.port(), githubUrl: 'https://github.com' };
  for (const name of ['feature', 'topic', 'late']) github.move(own(name), sha);
  const at = w.clock.now();
  github.pulls.push({
    number: 7,
    isOpen: true,
    isDraft: false,
    headBranch: 'feature',
    headSha: sha,
    isFork: false,
    headRepositoryId: 4711,
    baseBranch: 'main',
    openedAt: at,
  });
  await launchStoredTask(w.deps.executor);
  // The upgrade; more than an hour after the project was created.
  w.clock.advance(2 * 3600);
});
afterEach(() => stored.close());

const sweep = async () => createSweep(w.deps)();

async function pass(rounds: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    w.clock.advance(20);
    await sweep();
    await sweepBranches(deps);
    await w.settle();
    for (const { id, task, state, cancel } of (await w.deps.store.runs.list(project, {}, { limit: 20 }))
      .items) {
      if (task === undefined || !['provisioning', 'running'].includes(state)) continue;
      writeResult(w, id, cancel === undefined ? {} : { outcome: 'cancelled', exitCode: null });
      w.tasks.set(task.arn, { lastStatus: 'STOPPED', exitCode: 0 });
    }
  }
}

const holders = async () => (await w.deps.store.stacks.list(project)).map(({ hold }) => hold?.holder);
const runs = async () =>
  (await w.deps.store.runs.list(project, {}, { limit: 20 })).items.map(({ spec, state }) => [
    spec.branch,
    state,
  ]);

describe('the pull requests and branches of a data directory that 0.1.0 wrote', () => {
  it('become branches: what runs continues, and nothing is tested twice', async () => {
    await catchUp(deps);
    await pass(20);
    expect(await runs()).toEqual(
      expect.arrayContaining([
        ['topic', 'succeeded'],
        ['late', 'succeeded'],
        ['feature', 'failed'],
      ]),
    );
    expect(await runs()).toHaveLength(3);
    expect(await holders()).toEqual(['pr:7', undefined, 'api:ci']);
    const open = await w.deps.store.branches.listOpen(project);
    expect(open.map(({ name }) => name).sort()).toEqual(['feature', 'late', 'topic']);
  });

  it('end when they were closed and deleted during the upgrade', async () => {
    for (const pull of github.pulls) pull.isOpen = false;
    github.delete(own('topic'));
    github.delete(own('late'));
    await catchUp(deps);
    await pass(20);
    expect(new Set((await runs()).map(([branch, state]) => `${branch} ${state}`))).toEqual(
      new Set(['topic cancelled', 'late cancelled', 'feature failed']),
    );
    expect(await holders()).toEqual([undefined, undefined, 'api:ci']);
  });

  it('end when they are closed after the upgrade, and the event is lost', async () => {
    await catchUp(deps);
    await pass(20);
    for (const pull of github.pulls) pull.isOpen = false;
    await pass(10);
    expect(await holders()).toEqual([undefined, undefined, 'api:ci']);
  });

  it('are tested at a commit that was pushed during the upgrade', async () => {
    const newer = 'd'.repeat(40);
    github.move(own('feature'), newer);
    github.move(own('topic'), newer);
    // Never tested by 0.1.0: not pushed since.
    github.move(own('old'), 'e'.repeat(40));
    await catchUp(deps);
    await pass(20);
    const ended = (await w.deps.store.runs.list(project, { sha: newer }, { limit: 20 })).items;
    expect(ended.map(({ spec, state }) => `${spec.branch} ${state}`).sort()).toEqual([
      'feature succeeded',
      'topic succeeded',
    ]);
    expect((await runs()).some(([branch]) => branch === 'old')).toBe(false);
    expect(await holders()).toEqual(['pr:7', undefined, 'api:ci']);
  });
});
