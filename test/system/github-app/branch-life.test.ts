import { describe, expect, it } from '@jest/globals';
import type { BerthProcess } from '../../helpers/crashing-berth.ts';
import { eventually } from '../../helpers/eventually.ts';
import type { PullState } from '../../helpers/github-stand-in/state.ts';
import { play, type Scene } from '../../helpers/scene.ts';

const ref = (name: string): string => `refs/heads/${name}`;

/** Does something while Berth is down, whose events never come: GitHub lists no delivery of them either. */
async function missed(
  { github, start }: Scene,
  berth: BerthProcess,
  work: () => Promise<unknown>,
): Promise<BerthProcess> {
  await berth.stop();
  github.state.webhookUrl = undefined;
  await work();
  github.state.deliveries.length = 0;
  return start();
}

const newest = ({ repository }: Scene, sha: string) =>
  repository.checkRuns.findLast((one) => one.headSha === sha && one.name === 'berth/unit');
const shows = (scene: Scene, sha: string, what: string) =>
  eventually(`the check of ${sha.slice(0, 7)} to show ${what}`, async () => {
    const check = newest(scene, sha);
    return (check?.conclusion ?? check?.status) === what;
  });
const holders = async ({ ask }: Scene) => {
  const { stacks } = (await ask('/listStacks')) as { stacks: { holder: string | null }[] };
  return stacks.map(({ holder }) => holder);
};
const holds = (scene: Scene, ...wanted: (string | null)[]) =>
  eventually(
    `the stacks to be held by ${wanted}`,
    async () => JSON.stringify(await holders(scene)) === JSON.stringify(wanted),
  );

/** Moves a branch as a force push does whose event is lost. */
async function moveTo({ repository }: Scene, branch: string, sha: string): Promise<void> {
  await repository.git.setRef(ref(branch), sha);
  for (const pull of repository.pulls)
    if (pull.state === 'open' && pull.headBranch === branch) pull.headSha = sha;
}

const push = ({ github, repository }: Scene, branch = 'topic') =>
  github.people.push(repository, branch, { 'a.txt': String(Math.random()) });
const open = ({ github, repository }: Scene, branch = 'topic') =>
  github.people.openPullRequest(repository, { branch });
const change = ({ github, repository }: Scene, pull: PullState, action: 'closed' | 'reopened') =>
  github.people.changePullRequest(repository, pull, action);
describe('a head commit is tested, though Berth was killed and its events are gone', () => {
  const endless = { endless: true };

  it.concurrent('after a force push back to it while the newer commit was tested', () =>
    play(async (scene) => {
      const berth = await scene.start();
      const a = await push(scene);
      await shows(scene, a, 'in_progress');
      const b = await push(scene);
      await shows(scene, b, 'in_progress');
      await missed(scene, berth, () => moveTo(scene, 'topic', a));
      scene.letTestsEnd();
      await shows(scene, a, 'success');
      await shows(scene, b, 'cancelled');
    }, endless));

  it.concurrent('after its pull request was closed and reopened', () =>
    play(async (scene) => {
      const berth = await scene.start();
      const sha = await push(scene);
      const pull = await open(scene);
      await shows(scene, sha, 'in_progress');
      await change(scene, pull, 'closed');
      await shows(scene, sha, 'cancelled');
      await missed(scene, berth, () => change(scene, pull, 'reopened'));
      scene.letTestsEnd();
      await shows(scene, sha, 'success');
      await holds(scene, 'branch:topic');
    }, endless));

  it.concurrent('of two branches at one commit, the first of which was deleted', () =>
    play(async (scene) => {
      const berth = await scene.start();
      const sha = await push(scene, 'first');
      await shows(scene, sha, 'in_progress');
      await missed(scene, berth, async () => {
        await scene.repository.git.setRef(ref('second'), sha);
        await open(scene, 'second');
        await scene.github.people.deleteBranch(scene.repository, 'first');
      });
      scene.letTestsEnd();
      await shows(scene, sha, 'success');
      await holds(scene, null, 'branch:second').catch(() => holds(scene, 'branch:second'));
    }, endless));

  it.concurrent('if it was pushed before the first comparison of the repository', () =>
    play(async (scene) => {
      const berth = await scene.start();
      await scene.github.people.install();
      await eventually('the project', async () => 'stacks' in Object(await scene.ask('/listStacks')));
      let sha = '';
      await missed(scene, berth, async () => {
        sha = await push(scene);
      });
      await shows(scene, sha, 'success');
    }));
});

describe('a closed pull request holds nothing:', () => {
  it.concurrent('“Re-run” on its check adds none', () =>
    play(async (scene) => {
      await scene.start();
      const sha = await push(scene);
      const pull = await open(scene);
      await shows(scene, sha, 'success');
      await change(scene, pull, 'closed');
      await holds(scene, null);
      const check = newest(scene, sha);
      if (check === undefined) throw new Error('there is no check');
      await scene.github.people.press(scene.repository, check, undefined, { by: 'dana' });
      // A later event is handled after it.
      const later = await push(scene, 'later');
      await shows(scene, later, 'success');
      expect(scene.repository.checkRuns.filter((one) => one.headSha === sha)).toHaveLength(1);
    }));
});

describe('a refusal of GitHub is not the end, though Berth was killed in between:', () => {
  it.concurrent('the check is shown that was refused with 422', () =>
    play(async (scene) => {
      const { github } = scene;
      github.faults.push({ path: /check-runs/, times: 1000, response: { status: 422 } });
      const berth = await scene.start();
      const sha = await push(scene);
      await eventually('the run to end', async () =>
        JSON.stringify(await scene.ask('/workflow')).includes('"succeeded"'),
      );
      expect(newest(scene, sha)).toBeUndefined();
      await berth.stop();
      github.faults.length = 0;
      await scene.start();
      await shows(scene, sha, 'success');
    }));
});
