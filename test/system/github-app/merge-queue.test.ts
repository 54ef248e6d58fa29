import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { RunningServer } from '../../../app/wiring/server.ts';
import { eventually } from '../../helpers/eventually.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { CheckRunState, PullState, RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { apiKey, serveFor } from '../../helpers/served-github.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

describe('a merge queue, with real git and real tasks', () => {
  let github: GithubStandIn;
  let berth: RunningServer;
  let dataDir: string;
  let repository: RepositoryState;

  beforeAll(async () => {
    github = await startGithubStandIn();
    dataDir = await mkdtemp(join(tmpdir(), 'berth-queue-'));
    const wait = `until [ -e "${dataDir}/end" ]; do sleep 0.1; done`;
    repository = await github.addRepository({
      name: 'shop',
      files: {
        '.github/berth.yml': 'suites: { unit: { command: sh test.sh, branches: main } }\n',
        'test.sh': `case $BERTH_BRANCH in *queue*slow*) ${wait} ;; esac\necho "$BERTH_BRANCH on $BERTH_STACK"\n`,
      },
    });
    berth = await serveFor(github, dataDir);
  });
  afterAll(async () => {
    await berth.close();
    await github.close();
    await removeDirectory(dataDir);
  });

  const checksOf = (sha: string): CheckRunState[] =>
    repository.checkRuns.filter((one) => one.headSha === sha);
  const concluded = (sha: string): Promise<CheckRunState> =>
    eventually(`the check of ${sha} to conclude`, async () =>
      checksOf(sha).find(({ conclusion }) => conclusion != null),
    );
  async function ask<Answer>(path: string): Promise<Answer> {
    const url = `${berth.url}${path}?project=gh-${repository.id}`;
    const response = await fetch(url, { headers: { 'X-API-Key': apiKey } });
    // The API's own tests check the form of its answers.
    return (await response.json()) as Answer;
  }
  const openPull = async (branch: string): Promise<PullState> => {
    const sha = await repository.git.commit(branch, { [`${branch}.txt`]: branch }, { from: 'main' });
    const pull = await github.people.openPullRequest(repository, { branch });
    await concluded(sha);
    return pull;
  };

  it('has its group tested once, as a separate commit, and lets the pull request’s stack go when it is merged', async () => {
    const pull = await openPull('topic');
    const sha = await github.people.queueForMerge(repository, pull);
    const check = await concluded(sha);
    // Nothing neutral before it, which would let the group through: its branch is not main, but goes there.
    expect(checksOf(sha)).toMatchObject([{ name: 'berth/unit', conclusion: 'success' }]);
    // The group holds a stack for itself, next to that of the pull request.
    expect(check.output?.text).toMatch(/gh-readonly-queue\/main\/pr-1-\w+ on test-2/);
    await github.people.leaveQueue(repository, pull, 'merged');
    await eventually('all stacks to be free', async () => {
      const { stacks } = await ask<{ stacks: { isAvailable: boolean }[] }>('/listStacks');
      return stacks.length === 2 && stacks.every(({ isAvailable }) => isAvailable);
    });
    expect(checksOf(sha)).toHaveLength(1);
  });

  it('that takes a group out has its run cancelled, and its stack is free', async () => {
    const pull = await openPull('later');
    await repository.git.commit('later', {
      'test.sh': `until [ -e "${dataDir}/end" ]; do sleep 0.1; done\n`,
    });
    pull.headSha = (await repository.git.resolve('refs/heads/later')) ?? '';
    const sha = await github.people.queueForMerge(repository, pull);
    await eventually('the tests to run', async () =>
      checksOf(sha).some(({ status }) => status === 'in_progress'),
    );
    await github.people.leaveQueue(repository, pull, 'dequeued');
    const check = await concluded(sha);
    expect(check).toMatchObject({ conclusion: 'cancelled' });
    expect(check.output?.summary).toContain('The merge group is no longer in the queue.');
    await eventually('the stack of the group to be free', async () => {
      const { stacks } = await ask<{ stacks: { holder: string | null }[] }>('/listStacks');
      return stacks.every(({ holder }) => holder === null || holder.startsWith('branch:'));
    });
  });
});
