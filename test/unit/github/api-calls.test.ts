import { afterEach, describe, expect, it } from '@jest/globals';
import { catchUp } from '../../../app/core/branches/catch-up.ts';
import { sweepComments } from '../../../app/core/branches/reconcile-comment.ts';
import { sweepBranches } from '../../../app/core/branches/sweep-branches.ts';
import { isActive } from '../../../app/core/model/run.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
afterEach(() => w.close());

describe('calls to GitHub', () => {
  it('are at most 10 for each pull request and its run, however long the queue', async () => {
    const pulls = 20;
    const clock = fakeClock(new Date().toISOString());
    w = await githubWorld({
      clock,
      files: { '.github/berth.yml': 'stack: { maxStacks: 2 }\nsuites: { unit: { command: npm test } }\n' },
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
    for (let round = 0; round < pulls && opened.some(({ state }) => state === 'open'); round += 1) {
      for (let minute = 0; minute < 10; minute += 1) {
        clock.advance(60);
        await sweep(w.deps);
        await sweepBranches(w.deps);
        await sweepComments(w.deps);
        await w.settle();
      }
      for (const run of (await w.runs()).filter((one) => isActive(one) && one.task !== undefined)) {
        await w.finish(run);
        await sweepComments(w.deps);
        const pull = opened.find(({ headBranch }) => headBranch === run.spec.branch);
        if (pull === undefined) continue;
        await w.github.people.changePullRequest(w.repository, pull, 'closed');
        await w.github.people.deleteBranch(w.repository, pull.headBranch);
        await w.settle();
      }
    }
    expect((await w.runs()).filter(({ state }) => state === 'succeeded')).toHaveLength(pulls);
    expect(w.repository.comments).toHaveLength(pulls);
    const calls = w.github.requests.filter((request) => request.includes('/api/v3/'));
    const routes: Record<string, number> = {};
    for (const call of calls) {
      const route = call.replace(/topic-\d+|[0-9a-f]{40}|(?<=\/)\d+(?=\/|$)/g, '*');
      routes[route] = (routes[route] ?? 0) + 1;
    }
    // Half a call is left for the token to clone with, which the fake tasks do not ask for.
    if (calls.length > 9.5 * pulls)
      throw new Error(`too many calls: ${JSON.stringify(routes, undefined, 1)}`);
    expect(calls.length / pulls).toBeLessThanOrEqual(9.5);
  });
});
