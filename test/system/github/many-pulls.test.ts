import { afterEach, describe, expect, it } from '@jest/globals';
import { projectId } from '../../../app/core/model/ids.ts';
import { type GithubWorld, githubWorld } from '../../helpers/github-world.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';

let w: GithubWorld;
afterEach(() => w.close());

const names = ['unit', 'lint', 'api', 'e2e', 'load'];

describe('many open pull requests', () => {
  it.each([
    [11, 5],
    [50, 2],
  ])(
    '(%i, with %i suites each) start at the same time, each on its own stack, without a deployment',
    async (pulls, count) => {
      const clock = fakeClock(new Date().toISOString());
      const suites = names
        .slice(0, count)
        .map((name) => `  ${name}: { command: make ${name} }`)
        .join('\n');
      w = await githubWorld({ clock, files: { '.github/berth.yml': `suites:\n${suites}\n` } });
      for (let index = 0; index < pulls; index += 1) {
        const branch = `topic-${index}`;
        await w.repository.git.commit(branch, { 'a.txt': String(index) }, { from: 'main' });
        await w.github.people.openPullRequest(w.repository, { branch });
      }
      await w.settle();
      // The clock stands still: what waits for a time has not started.
      const id = projectId(`gh-${w.repository.id}`);
      const runs = (await w.deps.store.runs.listActive(id)).filter(({ spec }) =>
        spec.branch.startsWith('topic-'),
      );
      expect(runs.filter(({ task }) => task !== undefined).length).toBe(pulls * count);
      const stacks = await w.deps.store.stacks.list(id);
      expect(stacks.map(({ activeRuns }) => activeRuns.length)).toEqual(Array(pulls).fill(count));
      expect(new Set(stacks.map(({ branch }) => branch)).size).toBe(pulls);
      expect(w.repository.deployments).toEqual([]);
    },
  );
});
