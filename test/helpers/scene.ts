import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type BerthProcess, buildBerthProcess, startBerthProcess } from './crashing-berth.ts';
import { eventually } from './eventually.ts';
import { freePort } from './free-port.ts';
import { type GithubStandIn, startGithubStandIn } from './github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from './github-stand-in/state.ts';
import { apiKey } from './served-github.ts';
import { removeDirectory } from './temporary-directory.ts';

/** Each has a GitHub, a directory and a separate port, and waits more than it works. */
const atOnce = pLimit(4);
const built = buildBerthProcess();

export interface Scene {
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
export function play(
  story: (scene: Scene) => Promise<void>,
  options: { teardown?: boolean; endless?: boolean; settings?: string } = {},
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
      const settings = `${options.settings ?? ''}suites: { unit: { command: '${command}'${teardown} } }\n`;
      const repository = await github.addRepository({
        name: 'shop',
        files: { '.github/berth.yml': settings },
        collaborators: { dana: 'write' },
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

export const concluded = ({ repository }: Scene, name = 'berth/unit') =>
  eventually(`${name} to conclude`, async () =>
    repository.checkRuns.some((one) => one.name === name && one.conclusion !== null),
  );
export async function openPullRequest({ github, repository }: Scene) {
  await repository.git.commit('topic', { 'a.txt': 'a' }, { from: 'main' });
  return github.people.openPullRequest(repository, { branch: 'topic' });
}
export const freeStack = ({ ask }: Scene) =>
  eventually('the stack to be free', async () =>
    JSON.stringify(await ask('/listStacks')).includes('"isAvailable":true'),
  );
