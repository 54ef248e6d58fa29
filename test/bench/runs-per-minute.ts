import { rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { active } from '../campaign/berth-api.ts';
import { processUsage } from '../campaign/process-usage.ts';
import { type GitRepository, gitRepository } from '../helpers/git-repository.ts';
import { processorSeconds } from '../helpers/processor-seconds.ts';
import { type ServerProcess, startServer } from '../helpers/server-process.ts';

/**
 * Measures how many runs of `true` a server completes in a minute, and the processor time of each: of the server, and of
 * its tasks (supervisor, isolation, runner, git). The runs of a round are requested at the same time; none uses a stack. All
 * rounds are in one process, whose memory and file descriptors are read after each.
 *
 * `npm run bench:runs-per-minute`, or `-- 300 3` for three rounds of 300 runs.
 */
const [runs = 300, rounds = 3] = process.argv.slice(2).map(Number);

async function measure(server: ServerProcess, repository: GitRepository): Promise<string> {
  const before = await processorSeconds(server.pid);
  const begun = performance.now();
  const body = { repo_url: repository.url, branch: 'main', test_command: 'true', stack: false };
  await Promise.all(Array.from({ length: runs }, () => ask(server, 'POST', '/workflow/execute', body)));
  while ((await count(server, active)) > 0) await delay(250);
  const minutes = (performance.now() - begun) / 60_000;
  const after = await processorSeconds(server.pid);
  if ((await count(server, '&state=failed&state=errored&state=timed_out&state=cancelled')) > 0)
    throw new Error('a run did not succeed');
  const each = (seconds: number): string => `${((seconds / runs) * 1000).toFixed(0)} ms`;
  // The tasks are the children of the server, and have ended.
  const ofRun = `${each(after.own - before.own)} of the server, ${each(after.children - before.children)} of its task`;
  const usage = await processUsage(server.pid);
  return `${(runs / minutes).toFixed(0)} runs a minute; processor time of a run: ${ofRun}; ${usage?.memoryMib.toFixed(0)} MiB, ${usage?.fileDescriptors} file descriptors`;
}

async function count(server: ServerProcess, filter: string): Promise<number> {
  const { workflows } = await ask(server, 'GET', `/workflow?limit=1${filter}`);
  return (workflows as unknown[]).length;
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
const directory = join(tmpdir(), `berth-bench-${process.pid}`);
const repository = await gitRepository(join(directory, 'repository'), { 'README.md': '# bench\n' });
const server = await startServer(join(directory, 'data'), { BERTH_LOG_LEVEL: 'warn' });
try {
  for (let round = 1; round <= rounds; round += 1)
    process.stdout.write(`round ${round}: ${await measure(server, repository)}\n`);
} finally {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
}
