import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { projectId } from '../../../app/core/model/ids.ts';
import { isActive } from '../../../app/core/model/run.ts';
import { createPruner } from '../../../app/core/runs/prune-runs.ts';
import type { GithubWorld } from '../../helpers/github-world.ts';
import { installedGithub, passTime } from '../../helpers/installed-github.ts';
import type { FakeClock } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
let clock: FakeClock;
beforeEach(async () => {
  ({ w, clock } = await installedGithub({
    '.github/berth.yml': 'suites: { unit: { command: npm test }, e2e: { command: npm run e2e } }\n',
  }));
});
afterEach(() => w.close());

/** Every test passes, and nothing is left to do. */
async function rest(): Promise<void> {
  for (let round = 0; round < 4; round += 1) {
    await passTime({ w, clock }, 900);
    for (const run of await w.runs()) if (isActive(run) && run.task !== undefined) await w.finish(run);
  }
}

async function prune(): Promise<void> {
  const pruned = createPruner(w.deps, { runFiles: { remove: async () => {} }, runs: 1 });
  while (!(await pruned(clock.now())).isComplete);
}

const runsAt = async (sha: string) =>
  (await w.runs())
    .filter((run) => run.sha === sha)
    .map(({ spec, trigger }) => `${spec.suite} ${trigger.kind}`);

it('tests no commit of an open pull request again because its runs became too many, and deletes them after it closed', async () => {
  const { people } = w.github;
  const first = await people.push(w.repository, 'topic', { a: '1' });
  const pull = await people.openPullRequest(w.repository, { branch: 'topic' });
  await rest();
  const second = await people.push(w.repository, 'topic', { a: '2' });
  await rest();
  expect(await runsAt(second)).toHaveLength(2);
  await people.push(w.repository, 'main', { a: 'main' });
  await rest();

  for (let round = 0; round < 3; round += 1) {
    await prune();
    await rest();
  }
  // The stack of the branch is looked at again and again, which must not run anything.
  expect((await w.deps.store.stacks.list(projectId(`gh-${w.repository.id}`)))[0]?.hold).toBeDefined();
  expect(await runsAt(second)).toHaveLength(2);
  expect(await runsAt(first)).toEqual([]);
  const started = w.repository.checkRuns.filter(({ headSha }) => headSha === second);
  expect(started).toHaveLength(2);

  await people.changePullRequest(w.repository, pull, 'closed');
  await rest();
  await prune();
  expect(await runsAt(second)).toEqual([]);
});

it('deletes old runs behind many that are kept', async () => {
  const { people } = w.github;
  const heads: string[] = [];
  for (let number = 0; number < 3; number += 1) {
    heads.push(await people.push(w.repository, `topic-${number}`, { a: String(number) }));
    await people.openPullRequest(w.repository, { branch: `topic-${number}` });
    await rest();
  }
  const gone = await people.push(w.repository, 'short', { a: 'short' });
  await rest();
  await people.deleteBranch(w.repository, 'short');
  await people.push(w.repository, 'main', { a: 'main' });
  await rest();
  await prune();
  for (const head of heads) expect(await runsAt(head)).toHaveLength(2);
  expect(await runsAt(gone)).toEqual([]);
});
