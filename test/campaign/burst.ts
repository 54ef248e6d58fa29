import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildBerthProcess, startBerthProcess } from '../helpers/crashing-berth.ts';
import { startGithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import { apiKey } from '../helpers/served-github.ts';
import { removeDirectory } from '../helpers/temporary-directory.ts';
import { option } from './options.ts';

/**
 * Pushes many branches at the same time to a project with few stacks, and waits until every run has ended and every stack is
 * free. With `--starve` the server gets about a third of a processor, as a small function or container does.
 *
 * `npm run burst -- --branches 60 --stacks 3 --rounds 5 [--starve]`
 */
const branches = option('branches', 60);
const stacks = option('stacks', 3);
const rounds = option('rounds', 3);
const starves = process.argv.includes('--starve');
const limitSeconds = option('limit', 600);

interface StackView {
  readonly stackName: string;
  readonly isAvailable: boolean;
  readonly holder?: string;
}
interface RunView {
  readonly workflow_id: string;
  readonly state: string;
  readonly conclusion: string | null;
}

await buildBerthProcess();
let leaks = 0;
for (let round = 1; round <= rounds; round += 1) {
  const left = await burst();
  if (left.length > 0) leaks += 1;
  process.stdout.write(`round ${round}: ${left.length === 0 ? 'drained' : `LEFT ${JSON.stringify(left)}`}\n`);
}
process.stdout.write(`${rounds - leaks} of ${rounds} bursts drained\n`);
process.exitCode = leaks === 0 ? 0 : 1;

async function burst(): Promise<readonly unknown[]> {
  const github = await startGithubStandIn();
  const dataDir = await mkdtemp(join(tmpdir(), 'berth-burst-'));
  const settings = `stack: { maxStacks: ${stacks} }\nsuites: { unit: { command: "sleep ${option('sleep', 1)}" } }\n`;
  const repository = await github.addRepository({ name: 'shop', files: { '.github/berth.yml': settings } });
  const berth = await startBerthProcess(github, dataDir);
  const project = `gh-${repository.id}`;
  const ask = async (path: string): Promise<unknown> => {
    const response = await fetch(`${berth.url}${path}`, { headers: { 'X-API-Key': apiKey } });
    return response.json();
  };
  const done = new AbortController();
  const starving = starves ? starve(berth.pid, done.signal) : Promise.resolve();
  const began = Date.now();
  try {
    await Promise.all(
      Array.from({ length: branches }, (_, number) =>
        github.people.push(repository, `topic-${number}`, { 'a.txt': `of ${number}` }),
      ),
    );
    let quietSince: number | undefined;
    let left: readonly unknown[] = ['nothing seen'];
    while (Date.now() - began < limitSeconds * 1000) {
      await delay(500);
      const runs = await allRuns(ask, project);
      const ended = runs.filter(({ conclusion }) => conclusion !== null).length;
      const pool = (await ask(`/listStacks?project=${project}`)) as { stacks?: StackView[] };
      const held = (pool.stacks ?? []).filter(({ isAvailable }) => !isAvailable);
      left = [...held, ...(ended === branches ? [] : [`${ended} of ${branches} runs ended`])];
      if (left.length === 0) {
        process.stdout.write(
          `  ${branches} runs in ${((Date.now() - began) / 1000).toFixed(1)} s, ${github.requests.length} requests to GitHub\n`,
        );
        return [];
      }
      // Every run has ended, and still a stack is held: half a minute is plenty to find it.
      if (ended < branches) quietSince = undefined;
      else quietSince ??= Date.now();
      if (quietSince !== undefined && Date.now() - quietSince > 40_000) break;
    }
    return left;
  } finally {
    done.abort();
    await starving;
    await berth.stop();
    await github.close();
    await removeDirectory(dataDir);
  }
}

async function allRuns(
  ask: (path: string) => Promise<unknown>,
  project: string,
): Promise<readonly RunView[]> {
  const found: RunView[] = [];
  let cursor = '';
  do {
    const page = (await ask(`/workflow?project=${project}&limit=100${cursor}`)) as {
      workflows?: RunView[];
      cursor?: string | null;
    };
    found.push(...(page.workflows ?? []));
    cursor = page.cursor == null ? '' : `&cursor=${encodeURIComponent(page.cursor)}`;
  } while (cursor !== '');
  return found;
}

/** Stops the server for 60 ms and lets it run for 30, again and again. */
async function starve(pid: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    process.kill(pid, 'SIGSTOP');
    await delay(60);
    process.kill(pid, 'SIGCONT');
    await delay(30);
  }
}
