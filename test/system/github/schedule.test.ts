import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sweepBranches } from '../../../app/core/branches/sweep-branches.ts';
import type { GithubWorld } from '../../helpers/github-world.ts';
import { installedGithub, passTime } from '../../helpers/installed-github.ts';
import type { FakeClock } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
let clock: FakeClock;
let sha: string;

const nightly = (cron: string, more = '') => `
suites:
  unit: { command: npm test, stack: false }
  nightly:
    command: npm run all
    branches: ['!**']
    schedule:
      - { cron: '${cron}', timezone: Europe/Berlin${more} }
`;

beforeEach(async () => {
  ({ w, clock } = await installedGithub({ 'a.txt': '1' }));
});
afterEach(() => w.close());

const pass = (seconds = 60): Promise<void> => passTime({ w, clock }, seconds);
const scheduled = async () => (await w.runs()).filter(({ trigger }) => trigger.kind === 'schedule');

async function push(settings: string): Promise<void> {
  sha = await w.github.people.push(w.repository, 'main', { '.github/berth.yml': settings });
  await w.settle();
}

async function finishAll(): Promise<void> {
  for (const run of await w.runs())
    if (run.task !== undefined && run.settledAt === undefined) await w.finish(run);
}

describe('a schedule', () => {
  it('starts one run for each time, on the head commit of the default branch', async () => {
    await push(nightly('0 * * * *'));
    await finishAll();
    expect(await scheduled()).toEqual([]);
    for (let hours = 1; hours <= 3; hours += 1) {
      await pass(3600);
      // Processes that look at the same time, and again.
      await Promise.all([sweepBranches(w.deps), sweepBranches(w.deps)]);
      await w.settle();
      expect(await scheduled()).toHaveLength(hours);
      await finishAll();
    }
    expect((await scheduled()).map((run) => [run.sha, run.spec.suite])).toEqual(
      Array(3).fill([sha, 'nightly']),
    );
    expect(w.checksOf(sha)['berth/nightly']?.conclusion).toBe('success');
  });

  it('starts the latest of several missed times, and continues when the branch moves', async () => {
    await push(nightly('0 * * * *'));
    await finishAll();
    await pass(5 * 3600);
    const [run, ...more] = await scheduled();
    expect(more).toEqual([]);
    await push(nightly('0 * * * *').replace('all', 'other'));
    await pass();
    expect((await scheduled()).find(({ id }) => id === run?.id)?.cancel).toBeUndefined();
  });

  it('ends when the settings no longer have it, or have mistakes', async () => {
    await push(nightly('0 * * * *'));
    await push('suites: { unit: { command: x } }');
    await pass(2 * 3600);
    await push(nightly('0 * * *'));
    await pass(2 * 3600);
    expect(await scheduled()).toEqual([]);
    expect(w.checksOf(sha)['berth/settings']?.output?.title).toBe('1 mistake in .github/berth.yml');
  });

  it('takes a separate stack if it asks for a clean one', async () => {
    await push(nightly('0 * * * *', ', cleanStack: true'));
    await pass(3600);
    const [run] = await scheduled();
    expect(run?.spec.stack).toMatchObject({ holder: `run:${run?.id}`, hold: 'run' });
  });
});
