import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { buildBerthProcess, startBerthProcess } from '../helpers/crashing-berth.ts';
import { startGithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import { removeDirectory } from '../helpers/temporary-directory.ts';
import { campaignActions } from './actions.ts';
import { active, berthApi } from './berth-api.ts';
import { guardedCommand } from './guarded-command.ts';
import { contradictions, type Findings, leftovers, missingVerdicts } from './invariants.ts';
import { option } from './options.ts';
import { processUsage } from './process-usage.ts';
import { randomFrom } from './random.ts';

/**
 * A model test of the whole system: the real server, real processes, and a separate GitHub over HTTP. A seeded schedule
 * of pushes, pull requests, comments, REST calls, kills and outages; then quiet; then the invariants.
 *
 * `npm run campaign -- --minutes 60 --seed 7`. More: `--stacks 3 --branches 8 --pace 450` (milliseconds between two
 * actions), `--kills 1` (their weight; 0 for none, to watch the memory of one process), `--backlog 60` (active runs above
 * which the schedule waits), `--sleep 0.7` (seconds of each command), `--quiet 600`.
 */
const seconds = option('minutes', 1) * 60;
const seed = option('seed', 7);
const quietSeconds = option('quiet', 600);
const pace = option('pace', 450);
const backlog = option('backlog', 60);
const random = randomFrom(seed);

await buildBerthProcess();
const work = await mkdtemp(join(tmpdir(), 'berth-campaign-'));
const dataDir = join(work, 'data');
const command = guardedCommand(work, option('sleep', 0.7));
const suites = ['unit', 'e2e'];
const settings = {
  stack: { maxStacks: option('stacks', 3) },
  suites: Object.fromEntries(suites.map((suite) => [suite, { command }])),
};

const github = await startGithubStandIn();
const repository = await github.addRepository({
  name: 'shop',
  files: { '.github/berth.yml': JSON.stringify(settings) },
  collaborators: { dana: 'write' },
});
const start = () => startBerthProcess(github, dataDir, { BERTH_LOG_LEVEL: 'silent' });
let berth = await start();
const api = berthApi(() => berth.url, `gh-${repository.id}`);
const world = { api, github, repository, suites, dataDir, violations: join(work, 'violations') };
const branches = Array.from({ length: option('branches', 8) }, (_, number) => `topic-${number}`);
const server = {
  get pid() {
    return berth.pid;
  },
  async restart() {
    await berth.stop();
    berth = await start();
  },
};
const actions = campaignActions(world, server, random, { branches, kills: option('kills', 1) });
const wheel = Object.entries(actions).flatMap(([name, { weight }]) =>
  Array.from({ length: weight }, () => name),
);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const counts = new Map<string, number>();
const began = Date.now();
let reportAt = began + 60_000;
while (Date.now() - began < seconds * 1000) {
  const name = random.pick(wheel) ?? 'push';
  counts.set(name, (counts.get(name) ?? 0) + 1);
  // What a person or a kill meets that is gone already is not a failure of Berth.
  await actions[name]?.act().catch(() => undefined);
  await delay(pace * (0.2 + 1.6 * random.next()));
  if (Date.now() > reportAt) {
    reportAt += 60_000;
    await report();
    while ((await api.runs(active)).length > backlog) await delay(1000);
  }
}

github.faults.length = 0;
const quietSince = Date.now();
let found = await waitUntilEmpty(() => missingVerdicts(world));
for (const pull of repository.pulls) {
  if (pull.state === 'open') await github.people.changePullRequest(repository, pull, 'closed');
}
for (const branch of branches) {
  const head = await repository.git.resolve(`refs/heads/${branch}`);
  if (head !== undefined) await github.people.deleteBranch(repository, branch);
}
found = { ...found, ...(await waitUntilEmpty(() => leftovers(world))) };
const rest = Math.round((Date.now() - quietSince) / 1000);
// A check is published a moment after the end of its run.
found = { ...found, ...(await waitUntilEmpty(async () => contradictions(world, await api.runs()))) };

await report();
const done = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
print(`seed ${seed}: ${(await api.runs()).length} runs; ${done}; at rest after ${rest} s`);
const isClean = Object.keys(found).length === 0;
print(isClean ? '0 violations' : `VIOLATIONS ${JSON.stringify(found, undefined, 2)}`);
await berth.stop();
await github.close();
if (isClean) await removeDirectory(work);
else print(`kept in ${work}`);
process.exitCode = isClean ? 0 : 1;

/** @returns what is left after the quiet time. */
async function waitUntilEmpty(look: () => Promise<Findings>): Promise<Findings> {
  const until = Date.now() + quietSeconds * 1000;
  let left = await look();
  while (Object.keys(left).length > 0 && Date.now() < until) {
    await delay(1000);
    left = await look();
  }
  return left;
}

async function report(): Promise<void> {
  const usage = await processUsage(berth.pid);
  const started = (await readdir(join(dataDir, 'logs'))).length;
  const minutes = ((Date.now() - began) / 60_000).toFixed(1);
  print(
    `${minutes} min: ${started} runs started, ${counts.get('kill server') ?? 0} server kills, ${usage?.memoryMib.toFixed(0)} MiB, ` +
      `${usage?.fileDescriptors} file descriptors, ${usage?.cpuSeconds.toFixed(0)} s of processor, ` +
      `data directory ${await directoryMib(dataDir)} MiB`,
  );
}

async function directoryMib(directory: string): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['-sm', directory]).catch(({ stdout }) => ({ stdout }));
  return Number.parseInt(String(stdout), 10);
}
