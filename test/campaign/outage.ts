import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildBerthProcess, startBerthProcess } from '../helpers/crashing-berth.ts';
import { startGithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import { removeDirectory } from '../helpers/temporary-directory.ts';
import { active, berthApi } from './berth-api.ts';
import { type CampaignWorld, contradictions, type Findings, missingVerdicts } from './invariants.ts';
import { option } from './options.ts';

/**
 * Lets GitHub answer every request with 502 for a number of minutes, while people push, open and close pull requests, comment, and
 * runs end. Then measures how long Berth needs until every check is right again.
 *
 * `npm run outage -- --minutes 60 --branches 20`. With `--git`, the repositories cannot be cloned either.
 */
const minutes = option('minutes', 60);
const branches = option('branches', 20);
const path = process.argv.includes('--git') ? /^/ : /^\/api\/v3\//;
const limitSeconds = option('limit', 600);
const suites = ['suite-0', 'suite-1'];

await buildBerthProcess();
const work = await mkdtemp(join(tmpdir(), 'berth-outage-'));
const dataDir = join(work, 'data');
const github = await startGithubStandIn();
const command = 'sleep 2';
const settings = {
  stack: { maxStacks: option('stacks', branches) },
  suites: Object.fromEntries(suites.map((suite) => [suite, { command }])),
};
const repository = await github.addRepository({
  name: 'shop',
  files: { '.github/berth.yml': JSON.stringify(settings) },
  collaborators: { dana: 'write' },
});
const berth = await startBerthProcess(github, dataDir, { BERTH_LOG_LEVEL: 'silent' });
const api = berthApi(() => berth.url, `gh-${repository.id}`);
const world: CampaignWorld = {
  api,
  github,
  repository,
  suites,
  dataDir,
  repeated: new Set(),
  violations: join(work, 'violations'),
};
const print = (text: string): void => void process.stdout.write(`${text}\n`);
const push = (number: number) =>
  github.people.push(repository, `topic-${number}`, { 'a.txt': `${Date.now()}` });
const open = (number: number) => github.people.openPullRequest(repository, { branch: `topic-${number}` });

try {
  // The second half of the branches has no pull request until GitHub is down.
  for (let number = 0; number < branches; number += 1) await push(number);
  for (let number = 0; number < branches / 2; number += 1) await open(number);
  await delay(5000);
  const before = await api.runs(active);
  print(`GitHub is down: ${before.length} of ${(await api.runs()).length} runs have not ended`);
  const outage = { path, times: Number.POSITIVE_INFINITY, response: { status: 502 } };
  github.faults.push(outage);
  const asked = github.requests.length;
  const end = Date.now() + minutes * 60_000;
  for (let step = 0; Date.now() < end; step += 1) {
    await peopleAct(step);
    await delay(Math.min((minutes * 60_000) / branches, end - Date.now()));
  }
  github.faults.length = 0;
  const pending = await api.runs(active);
  print(
    `GitHub is back after ${minutes} min and ${github.requests.length - asked} requests: ${pending.length} runs have not ended`,
  );
  const began = Date.now();
  const since = () => ((Date.now() - began) / 1000).toFixed(0);
  let nextReport = 30;
  let left = await wrong();
  while (Object.keys(left).length > 0 && Date.now() - began < limitSeconds * 1000) {
    await delay(1000);
    left = await wrong();
    if (Number(since()) < nextReport) continue;
    nextReport += 30;
    print(
      `${since()} s: ${Object.entries(left)
        .map(([kind, items]) => `${items.length} ${kind}`)
        .join(', ')}`,
    );
  }
  const isRight = Object.keys(left).length === 0;
  print(
    isRight
      ? `every check is right after ${since()} s`
      : `WRONG after ${since()} s: ${JSON.stringify(left, undefined, 2)}`,
  );
  const ended = await api.runs();
  const errors = ended.filter(({ conclusion }) => conclusion === 'error');
  print(`${ended.length} runs in all, ${errors.length} ended with an error`);
  process.exitCode = isRight && errors.length === 0 ? 0 : 1;
} finally {
  await berth.stop();
  await github.close();
  await removeDirectory(work);
}

/** A push, a comment, or a pull request that opens or closes: each branch has one. */
async function peopleAct(step: number): Promise<void> {
  const number = step % branches;
  const [pull] = repository.pulls.filter(
    ({ state, headBranch }) => state === 'open' && headBranch === `topic-${number}`,
  );
  if (pull === undefined) await open(number);
  else if (step % 3 === 0) await push(number);
  else if (step % 3 === 1) await github.people.comment(repository, pull, '/retest all', { by: 'dana' });
  else await github.people.changePullRequest(repository, pull, 'closed');
}

/** The differences between what GitHub shows and what it must show. */
async function wrong(): Promise<Findings> {
  const waiting = (await api.runs(active)).map(({ id, state }) => `${id} ${state}`);
  return {
    ...(await missingVerdicts(world)),
    ...contradictions(world, await api.runs()),
    ...(waiting.length > 0 ? { 'runs without an end': waiting } : {}),
  };
}
