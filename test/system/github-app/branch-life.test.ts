import { describe, expect, it } from '@jest/globals';
import type { BerthProcess } from '../../helpers/crashing-berth.ts';
import { eventually } from '../../helpers/eventually.ts';
import type { PullState } from '../../helpers/github-stand-in/state.ts';
import { concluded, play, type Scene } from '../../helpers/scene.ts';

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
const say = async ({ github, repository }: Scene, pull: PullState, body: string): Promise<string> => {
  const before = repository.comments.length;
  await github.people.comment(repository, pull, body, { by: 'dana' });
  return eventually(
    `an answer to ${body}`,
    async () => repository.comments.slice(before + 1).findLast(({ author }) => author === 'berth[bot]')?.body,
  );
};

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
      await shows(scene, b, 'cancelled');
      scene.letTestsEnd();
      await shows(scene, a, 'success');
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

  it.concurrent('after the branch was deleted, and created again at the same commit', () =>
    play(async (scene) => {
      const berth = await scene.start();
      const sha = await push(scene);
      await shows(scene, sha, 'in_progress');
      await scene.github.people.deleteBranch(scene.repository, 'topic');
      await shows(scene, sha, 'cancelled');
      await missed(scene, berth, async () => {
        await scene.repository.git.setRef(ref('topic'), sha);
        await open(scene);
      });
      scene.letTestsEnd();
      await shows(scene, sha, 'success');
      await holds(scene, 'branch:topic');
    }, endless));

  it.concurrent('after a merge group was fast-forwarded into the default branch', () =>
    play(async (scene) => {
      const berth = await scene.start();
      await push(scene);
      const pull = await open(scene);
      const sha = await scene.github.people.queueForMerge(scene.repository, pull);
      await shows(scene, sha, 'in_progress');
      await missed(scene, berth, () => scene.github.people.leaveQueue(scene.repository, pull, 'merged'));
      scene.letTestsEnd();
      await shows(scene, sha, 'success');
      await eventually('the run of main', async () =>
        JSON.stringify(await scene.ask('/workflow')).includes('"branch":"main"'),
      );
      await eventually('the stacks to be free', async () =>
        (await holders(scene)).every((one) => one === null),
      );
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
      // The second branch may get the stack of the first, or another one before that is free.
      await eventually('only the second branch to hold a stack', async () => {
        const held = (await holders(scene)).filter((holder) => holder !== null);
        return JSON.stringify(held) === JSON.stringify(['branch:second']);
      });
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

describe('a closed pull request holds nothing, though Berth was killed and its events are gone:', () => {
  it.concurrent('its stack goes to the next one, which waits for it', () =>
    play(
      async (scene) => {
        const berth = await scene.start();
        await push(scene, 'first');
        const first = await open(scene, 'first');
        await concluded(scene);
        await holds(scene, 'branch:first');
        const sha = await push(scene, 'second');
        await open(scene, 'second');
        await missed(scene, berth, () => change(scene, first, 'closed'));
        await shows(scene, sha, 'success');
        await holds(scene, 'branch:second');
      },
      { settings: 'stack: { maxStacks: 1 }\n' },
    ));

  it.concurrent('a suspended installation that was resumed has its pull requests held again', () =>
    play(async (scene) => {
      const berth = await scene.start();
      const sha = await push(scene);
      await open(scene);
      await shows(scene, sha, 'success');
      await holds(scene, 'branch:topic');
      const suspended = await missed(scene, berth, async () => {
        scene.github.state.suspended = true;
      });
      await holds(scene, null);
      await missed(scene, suspended, async () => {
        scene.github.state.suspended = false;
      });
      await holds(scene, 'branch:topic');
      await shows(scene, sha, 'success');
    }));

  it.concurrent('"Re-run" on its check adds none', () =>
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

describe('a push and the pull request that is opened from it are one', () => {
  it.concurrent('for the commands, and when it is closed', () =>
    play(
      async (scene) => {
        await scene.start();
        const sha = await push(scene);
        await shows(scene, sha, 'in_progress');
        const pull = await open(scene);
        await holds(scene, 'branch:topic');
        expect(await say(scene, pull, '/stack')).toMatch(/^This pull request holds `test-1`/);
        await change(scene, pull, 'closed');
        await shows(scene, sha, 'cancelled');
        await holds(scene, null);
      },
      { endless: true },
    ));
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

  it.concurrent('a command runs although its reaction was refused', () =>
    play(async (scene) => {
      await scene.start();
      const sha = await push(scene);
      const pull = await open(scene);
      await shows(scene, sha, 'success');
      scene.github.faults.push({ method: 'POST', path: /reactions/, times: 100, response: { status: 404 } });
      await scene.github.people.comment(scene.repository, pull, '/retest all', { by: 'dana' });
      await eventually('the second run', async () => scene.executions('tests') === 'once\nonce\n');
    }));
});
