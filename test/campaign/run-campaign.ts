import { execFile } from 'node:child_process';
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { startBerthProcess } from '../helpers/crashing-berth.ts';
import { startGithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import { removeDirectory } from '../helpers/temporary-directory.ts';
import { campaignActions } from './actions.ts';
import { active, berthApi } from './berth-api.ts';
import { guardedCommand } from './guarded-command.ts';
import {
  type CampaignWorld,
  contradictions,
  type Findings,
  leftovers,
  missingVerdicts,
} from './invariants.ts';
import { type MemorySample, memoryGrowth } from './memory-growth.ts';
import { objectsMib, processUsage } from './process-usage.ts';
import { randomFrom } from './random.ts';
import { restartableServer } from './restartable-server.ts';

export interface CampaignOptions {
  readonly seconds: number;
  readonly stacks: number;
  readonly branches: number;
  readonly suites: number;
  /** Milliseconds between two actions, on average. */
  readonly pace: number;
  /** The weight of each kind of kill. */
  readonly kills: number;
  /** The schedule waits while more runs than this are active. */
  readonly backlog: number;
  /** The duration of each command. */
  readonly sleepSeconds: number;
  /** The largest growth of memory, in MiB for each 1,000 runs, of a server that is not killed. */
  readonly growthMib: number;
  /** The longest time from the last action to rest. */
  readonly quietSeconds: number;
  /** The schedule ends after this many runs, even if time is left. */
  readonly mostRuns: number;
  /** How long the server keeps ended runs. 0 keeps them. */
  readonly retentionMinutes: number;
  /** Whether each commit is deployed to its stack, and each stack is torn down. */
  readonly deploys: boolean;
}

export interface CampaignResult {
  readonly runs: number;
  readonly serverKills: number;
  /** Empty if the campaign found no violation. */
  readonly found: Findings;
}

/**
 * Runs one seeded schedule against the real server, then waits until it is at rest, and compares it with the invariants.
 *
 * @param print receives each line of the report.
 */
export async function runCampaign(
  seed: number,
  options: CampaignOptions,
  print: (line: string) => void,
): Promise<CampaignResult> {
  const random = randomFrom(seed);
  const work = await mkdtemp(join(tmpdir(), 'berth-campaign-'));
  const dataDir = join(work, 'data');
  const memoryFile = join(work, 'memory.json');
  const command = guardedCommand(work, options.sleepSeconds);
  const suites = Array.from({ length: options.suites }, (_, number) => `suite-${number}`);
  const settings = {
    stack: { maxStacks: options.stacks },
    ...(options.deploys ? { deploy: { command }, teardown: command } : {}),
    suites: Object.fromEntries(suites.map((suite) => [suite, { command }])),
  };
  const github = await startGithubStandIn();
  const repository = await github.addRepository({
    name: 'shop',
    files: { '.github/berth.yml': JSON.stringify(settings) },
    collaborators: { dana: 'write' },
  });
  const server = await restartableServer(() =>
    startBerthProcess(github, dataDir, {
      BERTH_LOG_LEVEL: 'silent',
      MEMORY_FILE: memoryFile,
      ...(options.retentionMinutes > 0 ? { RETENTION_MINUTES: String(options.retentionMinutes) } : {}),
    }),
  );
  const api = berthApi(() => server.url, `gh-${repository.id}`);
  const world = {
    ...{ api, github, repository, suites, dataDir },
    repeated: new Set<string>(),
    violations: join(work, 'violations'),
  };
  const branches = Array.from({ length: options.branches }, (_, number) => `topic-${number}`);
  const actions = campaignActions(world, server, random, { branches, kills: options.kills });
  const wheel = Object.entries(actions).flatMap(([name, { weight }]) =>
    Array.from({ length: weight }, () => name),
  );

  const samples: MemorySample[] = [];
  const counts = new Map<string, number>();
  const seenRuns = new Set<string>();
  const began = Date.now();
  let runs = 0;
  let reportAt = began + 60_000;
  let found: Findings = {};
  try {
    while (Date.now() - began < options.seconds * 1000 && seenRuns.size < options.mostRuns) {
      const name = random.pick(wheel) ?? 'push';
      counts.set(name, (counts.get(name) ?? 0) + 1);
      // What a person or a kill meets that is gone already is not a failure of Berth.
      await actions[name]?.act().catch(() => undefined);
      server.refuseDead();
      await delay(options.pace * (0.2 + 1.6 * random.next()));
      if (Date.now() > reportAt) {
        reportAt += 60_000;
        await report();
        await sampleMemory();
        while ((await api.runs(active)).length > options.backlog) await delay(1000);
      }
    }
    github.faults.length = 0;
    const quietSince = Date.now();
    found = await comeToRest(world, branches, options.quietSeconds);
    await report();
    await sampleMemory();
    found = { ...found, ...growth() };
    runs = Math.max((await api.runs()).length, await startedRuns());
    const done = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
    print(
      `seed ${seed}: ${runs} runs; ${done}; at rest after ${Math.round((Date.now() - quietSince) / 1000)} s`,
    );
  } catch (error) {
    runs = await startedRuns();
    const done = [...counts].map(([name, count]) => `${count} ${name}`).join(', ');
    print(`seed ${seed}: ended after ${runs} started runs; ${done}`);
    found = { ...found, 'the campaign did not end': [String(server.failure ?? error)] };
  }
  const isClean = Object.keys(found).length === 0;
  print(isClean ? '0 violations' : `VIOLATIONS ${JSON.stringify(found, undefined, 2)}`);
  await server.stop();
  await github.close();
  if (isClean) await removeDirectory(work);
  else print(`kept in ${work}`);
  return { runs, serverKills: server.kills, found };

  /** Counts deleted runs too, if they were there at an earlier call. */
  async function startedRuns(): Promise<number> {
    for (const run of await readdir(join(dataDir, 'logs')).catch(() => [])) seenRuns.add(run);
    return seenRuns.size;
  }

  /** Once in 500 runs: the collection of garbage that it asks for changes what it measures. */
  async function sampleMemory(): Promise<void> {
    const started = await startedRuns();
    if (options.kills > 0 || started < (samples.at(-1)?.runs ?? 0) + 500) return;
    const mib = await objectsMib(server.pid, memoryFile);
    if (mib === undefined) return;
    samples.push({ runs: started, mib });
    print(`  ${started} runs: ${mib.toFixed(1)} MiB in objects`);
  }

  function growth(): Findings {
    const mib = memoryGrowth(samples);
    if (mib === undefined) return {};
    print(`memory in objects: ${mib.toFixed(2)} MiB more for each 1,000 runs`);
    return mib > options.growthMib ? { 'memory that grows': samples } : {};
  }

  async function report(): Promise<void> {
    const usage = await processUsage(server.pid);
    const minutes = ((Date.now() - began) / 60_000).toFixed(1);
    print(
      `${minutes} min: ${await startedRuns()} runs started, ${server.kills} server kills, ${usage?.memoryMib.toFixed(0)} MiB, ` +
        `${usage?.fileDescriptors} file descriptors, ${usage?.cpuSeconds.toFixed(0)} s of processor, ` +
        `data directory ${await directoryMib(dataDir)} MiB`,
    );
  }
}

/** Waits for the verdicts of what is open, closes everything, and waits for the end of it. */
async function comeToRest(
  world: CampaignWorld,
  branches: readonly string[],
  quietSeconds: number,
): Promise<Findings> {
  const { api, github, repository } = world;
  const waitUntilEmpty = async (look: () => Promise<Findings>): Promise<Findings> => {
    const until = Date.now() + quietSeconds * 1000;
    let left = await look();
    while (Object.keys(left).length > 0 && Date.now() < until) {
      await delay(1000);
      left = await look();
    }
    return left;
  };
  const missing = await waitUntilEmpty(() => missingVerdicts(world));
  for (const pull of repository.pulls) {
    if (pull.state === 'open') await github.people.changePullRequest(repository, pull, 'closed');
  }
  for (const branch of branches) {
    const head = await repository.git.resolve(`refs/heads/${branch}`);
    if (head !== undefined) await github.people.deleteBranch(repository, branch);
  }
  const left = await waitUntilEmpty(() => leftovers(world));
  // A check is published a moment after the end of its run.
  const differing = await waitUntilEmpty(async () => contradictions(world, await api.runs()));
  return { ...missing, ...left, ...differing };
}

async function directoryMib(directory: string): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['-sm', directory]).catch(({ stdout }) => ({ stdout }));
  return Number.parseInt(String(stdout), 10);
}
