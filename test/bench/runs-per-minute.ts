import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BerthProcess, startBerth } from '../helpers/berth-process.ts';
import { gitRepository } from '../helpers/git-repository.ts';

/**
 * Measures how many runs of `true` a server completes in a minute, and the processor time of each: of the server, and of
 * its tasks (supervisor, isolation, runner, git). All runs are requested at the same time; none uses a stack.
 *
 * `npm run bench:runs-per-minute`, or `-- 300 3` for three rounds of 300 runs.
 */
const [runs = 300, rounds = 3] = process.argv.slice(2).map(Number);
const apiKey = 'a-key-for-the-bench-of-berth';
const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

interface Round {
  readonly wallSeconds: number;
  readonly serverSeconds: number;
  readonly taskSeconds: number;
}

async function measure(): Promise<Round> {
  const directory = join(tmpdir(), `berth-bench-${process.pid}`);
  const repository = await gitRepository(join(directory, 'repository'), { 'README.md': '# bench\n' });
  const berth = startBerth(['serve', '--json', '--port', '0'], {
    directory,
    env: {
      BERTH_DATA_DIR: join(directory, 'data'),
      BERTH_API_KEY: apiKey,
      BERTH_ALLOW_FILE_URLS: 'true',
      BERTH_LOG_LEVEL: 'warn',
    },
  });
  try {
    const url = await servedAt(berth);
    const before = await processorSeconds(berth);
    const begun = performance.now();
    const body = { repo_url: repository.url, branch: 'main', test_command: 'true', stack: false };
    await Promise.all(Array.from({ length: runs }, () => ask(url, 'POST', '/workflow/execute', body)));
    while (((await ask(url, 'GET', activeRuns)).workflows as unknown[]).length > 0) await delay(250);
    const wallSeconds = (performance.now() - begun) / 1000;
    const after = await processorSeconds(berth);
    const { workflows } = await ask(url, 'GET', '/workflow?limit=1&state=succeeded');
    if ((workflows as unknown[]).length === 0) throw new Error('no run succeeded');
    return {
      wallSeconds,
      serverSeconds: after.server - before.server,
      taskSeconds: after.tasks - before.tasks,
    };
  } finally {
    berth.child.kill('SIGTERM');
    await berth.ended;
    await rm(directory, { recursive: true, force: true });
  }
}

const activeRuns = `/workflow?limit=1${['queued', 'waiting', 'provisioning', 'running'].map((one) => `&state=${one}`).join('')}`;

async function servedAt({ child, written }: BerthProcess): Promise<string> {
  while (!written().out.includes('\n')) {
    if (child.exitCode !== null) throw new Error(written().err);
    await delay(50);
  }
  return String(JSON.parse(written().out).url);
}

async function ask(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  // Every route that is called here answers with an object.
  return (await response.json()) as Record<string, unknown>;
}

/** The processor time of the server itself, and of the processes that it started and that have ended: its tasks. */
async function processorSeconds({ child }: BerthProcess): Promise<{ server: number; tasks: number }> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, userOfTasks = 0, systemOfTasks = 0] = fields.slice(11, 15).map(Number);
  return { server: (user + system) / ticksPerSecond, tasks: (userOfTasks + systemOfTasks) / ticksPerSecond };
}

process.stdout.write(`${runs} runs of \`true\` on ${cpus().length} cores\n`);
for (let round = 1; round <= rounds; round += 1) {
  const { wallSeconds, serverSeconds, taskSeconds } = await measure();
  const each = (seconds: number): string => `${((seconds / runs) * 1000).toFixed(0)} ms`;
  process.stdout.write(
    `round ${round}: ${wallSeconds.toFixed(1)} s, ${((runs / wallSeconds) * 60).toFixed(0)} runs a minute; ` +
      `processor time of a run: ${each(serverSeconds)} of the server, ${each(taskSeconds)} of its task\n`,
  );
}
