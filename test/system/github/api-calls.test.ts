import { afterEach, describe, expect, it } from '@jest/globals';
import { catchUp } from '../../../app/core/branches/catch-up.ts';
import { sweepBranches } from '../../../app/core/branches/sweep-branches.ts';
import { sweepComments } from '../../../app/core/branches/sweep-comments.ts';
import { isActive } from '../../../app/core/model/run.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
afterEach(() => w.close());

describe('calls to GitHub', () => {
  it.each([
    // Half a call is left for the token to clone with, which the fake tasks do not ask for.
    { with: 'a suite', settings: 'suites: { unit: { command: x } }', pulls: 10, most: 9.5 },
    {
      with: 'a suite with an address',
      settings: "suites: { unit: { command: x, stack: { url: 'https://{stack}.example' } } }",
      pulls: 4,
      most: 14.5,
    },
    {
      with: 'a deployment and a suite',
      settings: 'deploy: { command: y }\nsuites: { unit: { command: x } }',
      pulls: 4,
      most: 17.5,
    },
  ])(
    'are limited for each pull request with $with, however long the queue',
    async ({ settings, pulls, most }) => {
      const clock = fakeClock(new Date().toISOString());
      w = await githubWorld({
        clock,
        files: { '.github/berth.yml': `stack: { maxStacks: 2 }\n${settings}\n` },
      });
      await w.github.people.install();
      await w.settle();
      await catchUp(w.deps);
      w.github.requests.length = 0;
      const opened = [];
      for (let index = 0; index < pulls; index += 1) {
        await w.github.people.push(w.repository, `topic-${index}`, { 'a.txt': String(index) });
        opened.push(await w.github.people.openPullRequest(w.repository, { branch: `topic-${index}` }));
      }
      await w.settle();
      // Each run takes ten minutes; its pull request is merged then, which frees the stack for the next.
      for (let round = 0; round < 2 * pulls && opened.some(({ state }) => state === 'open'); round += 1) {
        for (let minute = 0; minute < 10; minute += 1) {
          clock.advance(60);
          await sweep(w.deps);
          await sweepBranches(w.deps);
          await sweepComments(w.deps);
          await w.settle();
        }
        for (const run of (await w.runs()).filter((one) => isActive(one) && one.task !== undefined)) {
          await w.finish(run);
          // Its suites run on it now.
          if (run.spec.deploy !== undefined) continue;
          await sweepComments(w.deps);
          const pull = opened.find(({ headBranch }) => headBranch === run.spec.branch);
          if (pull === undefined) continue;
          await w.github.people.changePullRequest(w.repository, pull, 'closed');
          await w.github.people.deleteBranch(w.repository, pull.headBranch);
          await w.settle();
        }
      }
      const tested = (await w.runs()).filter(
        ({ spec, state }) => spec.suite === 'unit' && state === 'succeeded',
      );
      expect(tested).toHaveLength(pulls);
      expect(w.repository.comments).toHaveLength(pulls);
      const calls = w.github.requests.filter((request) => request.includes('/api/v3/'));
      const routes: Record<string, number> = {};
      for (const call of calls) {
        const route = call.replace(/topic-\d+|[0-9a-f]{40}|(?<=\/)\d+(?=\/|$)/g, '*');
        routes[route] = (routes[route] ?? 0) + 1;
      }
      if (calls.length > most * pulls)
        throw new Error(`too many calls: ${JSON.stringify(routes, undefined, 1)}`);
      expect(calls.length / pulls).toBeLessThanOrEqual(most);
    },
  );

  it('of a comparison are four, and two for each repository', async () => {
    w = await githubWorld();
    for (const name of ['one', 'two', 'three']) await w.github.addRepository({ name, files: {} });
    await w.github.people.install();
    await w.settle();
    w.github.requests.length = 0;
    await catchUp(w.deps);
    expect(w.github.requests).toHaveLength(4 + 2 * 4);
  });
});
