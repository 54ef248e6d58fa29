import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BerthProcess, buildBerthProcess, startBerthProcess } from '../helpers/crashing-berth.ts';
import { startGithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import { removeDirectory } from '../helpers/temporary-directory.ts';
import { berthApi } from './berth-api.ts';
import { option } from './options.ts';
import { randomFrom } from './random.ts';

/**
 * A model test of the whole system: the real server, real processes, and a GitHub of its own over HTTP. A seeded schedule
 * of pushes, pull requests, comments, REST calls, kills and outages; then quiet; then the invariants.
 *
 * `npm run campaign -- --minutes 60 --seed 7`
 */
const seconds = option('minutes', 1) * 60;
const seed = option('seed', 7);
const quietSeconds = option('quiet', 300);
const random = randomFrom(seed);

await buildBerthProcess();
const work = await mkdtemp(join(tmpdir(), 'berth-campaign-'));
const dataDir = join(work, 'data');
const violations = join(work, 'violations');
// A lock that dies with its processes: a command that finds it taken runs on a stack that another command still uses.
const command = `flock -n -E 99 ${work}/$BERTH_STACK.lock sleep 0.7; code=$?; [ $code != 99 ] || echo $BERTH_RUN_ID >>${violations}; exit $code`;
const settings = {
  stack: { maxStacks: 3 },
  suites: { unit: { command }, e2e: { command } },
};

const github = await startGithubStandIn();
const repository = await github.addRepository({
  name: 'shop',
  files: { '.github/berth.yml': JSON.stringify(settings) },
  collaborators: { dana: 'write' },
});
const project = `gh-${repository.id}`;
// The process executor must be named, since others than this machine may reach the server.
const start = (): Promise<BerthProcess> => startBerthProcess(github, dataDir, { BERTH_LOG_LEVEL: 'silent' });
let berth = await start();
const api = berthApi(() => berth.url, project);

const counts = new Map<string, number>();
const branches = Array.from({ length: 8 }, (_, number) => `topic-${number}`);
const anyBranch = (): string => random.pick(branches) ?? '';
const openPulls = () => repository.pulls.filter(({ state }) => state === 'open');
const exists = async (branch: string) => (await repository.git.resolve(`refs/heads/${branch}`)) !== undefined;

const actions: Readonly<Record<string, { weight: number; act: () => Promise<unknown> }>> = {
  push: {
    weight: 8,
    act: () => github.people.push(repository, anyBranch(), { 'a.txt': String(random.next()) }),
  },
  open: {
    weight: 4,
    async act() {
      const branch = anyBranch();
      const isOpen = openPulls().some(({ headBranch }) => headBranch === branch);
      if (!isOpen && (await exists(branch))) await github.people.openPullRequest(repository, { branch });
    },
  },
  close: {
    weight: 3,
    async act() {
      const pull = random.pick(openPulls());
      if (pull !== undefined) await github.people.changePullRequest(repository, pull, 'closed');
    },
  },
  retest: {
    weight: 2,
    async act() {
      const pull = random.pick(openPulls());
      if (pull !== undefined) await github.people.comment(repository, pull, '/retest all', { by: 'dana' });
    },
  },
  cancel: {
    weight: 2,
    async act() {
      const active = (await api.runs()).filter(({ conclusion }) => conclusion === null);
      const run = random.pick(active);
      if (run !== undefined) await api.call('DELETE', `/workflow/${run.workflow_id}`);
    },
  },
  // A client that asks for a place in line and never comes back.
  'dying client': {
    weight: 1,
    act: () => api.call('POST', `/requestStack?project=${project}`, { wait: true, leaseSeconds: 20 }),
  },
  'kill server': {
    weight: 1,
    async act() {
      await berth.stop();
      berth = await start();
    },
  },
  'kill task': {
    weight: 1,
    async act() {
      const tasks = await readdir(join(dataDir, 'tasks')).catch(() => []);
      const claim = await readFile(join(dataDir, 'tasks', random.pick(tasks) ?? '', 'claim'), 'utf8').catch(
        () => '',
      );
      const pid = Number(claim.split('\n')[0]);
      if (pid > 1) process.kill(-pid, 'SIGKILL');
    },
  },
  outage: {
    weight: 1,
    async act() {
      const times = 1 + Math.floor(random.next() * 30);
      github.faults.push({ path: /^\/api\/v3\//, times, response: { status: 502 } });
    },
  },
  pause: {
    weight: 1,
    async act() {
      process.kill(berth.pid, 'SIGSTOP');
      await delay(300);
      process.kill(berth.pid, 'SIGCONT');
    },
  },
};
const wheel = Object.entries(actions).flatMap(([name, { weight }]) =>
  Array.from({ length: weight }, () => name),
);

const began = Date.now();
while (Date.now() - began < seconds * 1000) {
  const name = random.pick(wheel) ?? 'push';
  counts.set(name, (counts.get(name) ?? 0) + 1);
  // What a person or a kill meets that is gone already is no fault of Berth's.
  await actions[name]?.act().catch(() => undefined);
  await delay(100 + random.next() * 700);
}

github.faults.length = 0;
for (const pull of openPulls()) await github.people.changePullRequest(repository, pull, 'closed');
for (const branch of branches) if (await exists(branch)) await github.people.deleteBranch(repository, branch);

/** What should not be there once nothing happens any more. */
async function left(): Promise<Readonly<Record<string, unknown>>> {
  const [runs, stacks, line] = [await api.runs(), await api.stacks(), await api.line()];
  const known = new Map(runs.map((run) => [run.workflow_id, run]));
  const found = {
    'runs without an end': runs.filter(({ conclusion }) => conclusion === null).map((run) => run.workflow_id),
    'stacks held without a reason': stacks.filter(({ isAvailable }) => !isAvailable),
    'places in line': line,
    'checks without a conclusion': repository.checkRuns
      .filter(({ conclusion, externalId }) => conclusion === null && known.has(externalId))
      .map(({ name, headSha, status }) => `${name} ${headSha.slice(0, 7)} ${status}`),
    'task directories': await readdir(join(dataDir, 'tasks')).catch(() => []),
    'commands on a stack of another': (await readFile(violations, 'utf8').catch(() => ''))
      .split('\n')
      .filter(Boolean),
  };
  return Object.fromEntries(Object.entries(found).filter(([, items]) => items.length > 0));
}

const quietSince = Date.now();
let remaining = await left();
while (Object.keys(remaining).length > 0 && Date.now() - quietSince < quietSeconds * 1000) {
  await delay(1000);
  remaining = await left();
}
const runs = (await api.runs()).length;
const done = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
process.stdout.write(
  `seed ${seed}: ${runs} runs; ${done}; at rest after ${Math.round((Date.now() - quietSince) / 1000)} s\n`,
);
const isClean = Object.keys(remaining).length === 0;
process.stdout.write(isClean ? '0 violations\n' : `VIOLATIONS ${JSON.stringify(remaining, undefined, 2)}\n`);
await berth.stop();
await github.close();
if (isClean) await removeDirectory(work);
else process.stdout.write(`kept in ${work}\n`);
process.exitCode = isClean ? 0 : 1;
