import { rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { active } from '../campaign/berth-api.ts';
import { gitRepository } from '../helpers/git-repository.ts';
import { processorSeconds } from '../helpers/processor-seconds.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';

/**
 * Measures how many runs of `true` a server completes in a minute, and the processor time of each: of the server, and of
 * its tasks (supervisor, isolation, runner, git). All runs are requested at the same time; none uses a stack.
 *
 * `npm run bench:runs-per-minute`, or `-- 300 3` for three rounds of 300 runs.
 */
const [runs = 300, rounds = 3] = process.argv.slice(2).map(Number);

interface Round {
  readonly wallSeconds: number;
  readonly serverSeconds: number;
  readonly taskSeconds: number;
}

async function measure(): Promise<Round> {
  const directory = join(tmpdir(), `berth-bench-${process.pid}`);
  const repository = await gitRepository(join(directory, 'repository'), { 'README.md': '# bench\n' });
  const server = await startServer(join(directory, 'data'), { BERTH_LOG_LEVEL: 'warn' });
  try {
    const before = await processorSeconds(server.pid);
    const begun = performance.now();
    const body = { repo_url: repository.url, branch: 'main', test_command: 'true', stack: false };
    await Promise.all(Array.from({ length: runs }, () => ask(server, 'POST', '/workflow/execute', body)));
    while (((await ask(server, 'GET', `/workflow?limit=1${active}`)).workflows as unknown[]).length > 0)
      await delay(250);
    const wallSeconds = (performance.now() - begun) / 1000;
    const after = await processorSeconds(server.pid);
    const { workflows } = await ask(server, 'GET', '/workflow?limit=1&state=succeeded');
    if ((workflows as unknown[]).length === 0) throw new Error('no run succeeded');
    return {
      wallSeconds,
      serverSeconds: after.own - before.own,
      // The tasks are the children of the server, and have ended.
      taskSeconds: after.children - before.children,
    };
  } finally {
    await server.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function ask(
  server: ServerProcess,
  method: string,
  path: string,
  asked?: unknown,
): Promise<Record<string, unknown>> {
  const { status, body } = await server.call(method, path, asked);
  if (status >= 400) throw new Error(`${method} ${path}: ${status} ${JSON.stringify(body)}`);
  return body;
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
