import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import pLimit from 'p-limit';
import { type BerthProcess, buildBerthProcess, startBerthProcess } from '../../helpers/crashing-berth.ts';
import { eventually } from '../../helpers/eventually.ts';
import { freePort } from '../../helpers/free-port.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../helpers/github-stand-in/state.ts';
import { apiKey } from '../../helpers/served-github.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';

/** Each has a GitHub, a directory and a separate port, and waits more than it works. */
const atOnce = pLimit(4);
const built = buildBerthProcess();

interface Scene {
  readonly github: GithubStandIn;
  readonly repository: RepositoryState;
  /** Always at the same port, as a server that is started again is: tasks that continued look for it there. */
  start(extra?: Record<string, string>): Promise<BerthProcess>;
  /** Makes processes die at a call, counted from here. */
  arm(): void;
  /** Tests that were made to continue until someone says so. */
  letTestsEnd(): void;
  ask(path: string): Promise<unknown>;
  /** The file of a command: a line for each time that it ran. */
  executions(name: 'tests' | 'teardowns'): string;
}

/** Plays in a separate world, next to the others. */
function play(
  story: (scene: Scene) => Promise<void>,
  options: { teardown?: boolean; endless?: boolean } = {},
): Promise<void> {
  return atOnce(async () => {
    await built;
    const github = await startGithubStandIn();
    const directory = await mkdtemp(join(tmpdir(), 'berth-crash-'));
    const port = await freePort();
    const file = (name: string): string => join(directory, name);
    const started: BerthProcess[] = [];
    try {
      const teardown = options.teardown === true ? `, teardown: 'echo once >> "${file('teardowns')}"'` : '';
      const wait = options.endless === true ? `; until [ -e "${file('end')}" ]; do sleep 0.1; done` : '';
      const command = `echo once >> "${file('tests')}"${wait}`;
      const settings = `suites: { unit: { command: '${command}'${teardown} } }\n`;
      const repository = await github.addRepository({
        name: 'shop',
        files: { '.github/berth.yml': settings },
      });
      await story({
        github,
        repository,
        async start(extra = {}) {
          const environment = { PORT: String(port), CRASH_ARMED: file('armed'), ...extra };
          const berth = await startBerthProcess(github, file('data'), environment);
          started.push(berth);
          return berth;
        },
        arm: () => writeFileSync(file('armed'), ''),
        letTestsEnd: () => writeFileSync(file('end'), ''),
        async ask(path) {
          const response = await fetch(`http://127.0.0.1:${port}${path}?project=gh-${repository.id}`, {
            headers: { 'X-API-Key': apiKey },
          });
          return response.json();
        },
        executions: (name) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : ''),
      });
    } finally {
      for (const berth of started) await berth.stop();
      await github.close();
      await removeDirectory(directory);
    }
  });
}

async function dead(berth: BerthProcess): Promise<void> {
  const notReached = setTimeout(240_000, 'the point was not reached', { ref: false });
  expect(await Promise.race([berth.ended, notReached])).toBe('SIGKILL');
}
const concluded = ({ repository }: Scene, name = 'berth/unit') =>
  eventually(`${name} to conclude`, async () =>
    repository.checkRuns.some((one) => one.name === name && one.conclusion !== null),
  );
async function openPullRequest({ github, repository }: Scene) {
  await repository.git.commit('topic', { 'a.txt': 'a' }, { from: 'main' });
  return github.people.openPullRequest(repository, { branch: 'topic' });
}
const freeStack = ({ ask }: Scene) =>
  eventually('the stack to be free', async () =>
    JSON.stringify(await ask('/listStacks')).includes('"isAvailable":true'),
  );

describe('killed with -9 between the event and the final check run, and started again, Berth', () => {
  it.concurrent.each([
    'before store.deliveries.record',
    'after store.deliveries.record',
    'after store.projects.create 2',
    'before store.runs.create:queued',
    'after store.runs.create:queued',
    'before checks.publish:queued',
    'after checks.publish:queued',
    'after store.runs.save:queued',
    'after store.stacks.reserve',
    'after store.stacks.create',
    'before store.runs.save:provisioning',
    'after store.runs.save:provisioning',
    'after checks.publish:provisioning',
    'after store.runs.save:provisioning 2',
    'after sources.resolve:provisioning',
    'after objects.put',
    'before executor.launch',
    'after executor.launch',
    'after store.runs.save:provisioning 3',
    'after events.publish',
    'after checks.publish:succeeded',
    'after store.runs.save:succeeded',
    'after store.runs.save:settled',
    'after store.stacks.leave',
    'after objects.delete',
    'before executor.remove',
    'after executor.remove',
    'before store.deliveries.done',
    'after store.deliveries.done',
  ])('makes the same of it: %s', (crash) =>
    play(async (scene) => {
      scene.arm();
      const doomed = await scene.start({ CRASH_AT: crash });
      await openPullRequest(scene);
      await dead(doomed);

      await scene.start();
      await concluded(scene);
      expect(scene.executions('tests')).toBe('once\n');
      expect(scene.repository.checkRuns).toMatchObject([{ name: 'berth/unit', conclusion: 'success' }]);
      expect(await scene.ask('/workflow')).toMatchObject({ workflows: [{ state: 'succeeded' }] });
      expect(await scene.ask('/listStacks')).toMatchObject({
        stacks: [{ stackName: 'test-1', isAvailable: false, branch: 'topic', holder: 'branch:topic' }],
      });
    }),
  );
});

describe('killed with -9 while the tests run, and started again, Berth', () => {
  it.concurrent.each(['after store.runs.save:running', 'after checks.publish:running'])(
    'finds them again: %s',
    (crash) =>
      play(
        async (scene) => {
          scene.arm();
          const doomed = await scene.start({ CRASH_AT: crash });
          await openPullRequest(scene);
          await dead(doomed);

          await scene.start();
          scene.letTestsEnd();
          await concluded(scene);
          expect(scene.executions('tests')).toBe('once\n');
          expect(scene.repository.checkRuns).toMatchObject([{ name: 'berth/unit', conclusion: 'success' }]);
        },
        { endless: true },
      ),
  );
});

describe('killed with -9 while a pull request is closed, and started again, Berth', () => {
  it.concurrent.each([
    'after store.stacks.closeHolder',
    'before store.stacks.release',
    'after store.stacks.release',
    'before store.deliveries.done',
  ])('has given the stack back: %s', (crash) =>
    play(async (scene) => {
      const doomed = await scene.start({ CRASH_AT: crash });
      const pull = await openPullRequest(scene);
      await concluded(scene);
      scene.arm();
      await scene.github.people.changePullRequest(scene.repository, pull, 'closed');
      await dead(doomed);

      await scene.start();
      await freeStack(scene);
      expect(scene.executions('tests')).toBe('once\n');
    }),
  );
});

describe('killed with -9 while a stack is torn down, and started again, Berth', () => {
  it.concurrent.each([
    'after store.stacks.reserve',
    'before store.stacks.transferHold',
    'after store.stacks.transferHold',
    'before store.runs.create:queued',
    'after store.runs.create:queued',
    'after store.stacks.renew',
    'before executor.launch',
    'after executor.launch',
    'before executor.remove',
    'before store.stacks.release',
    'after store.stacks.release',
  ])('has torn it down once, and then given it back: %s', (crash) =>
    play(
      async (scene) => {
        const doomed = await scene.start({ CRASH_AT: crash });
        const pull = await openPullRequest(scene);
        await concluded(scene);
        scene.arm();
        await scene.github.people.changePullRequest(scene.repository, pull, 'closed');
        await dead(doomed);

        await scene.start();
        await concluded(scene, 'berth/unit teardown');
        await freeStack(scene);
        expect(scene.executions('teardowns')).toBe('once\n');
        expect(scene.repository.checkRuns).toMatchObject([
          { name: 'berth/unit', conclusion: 'success' },
          { name: 'berth/unit teardown', conclusion: 'success' },
        ]);
      },
      { teardown: true },
    ),
  );
});
