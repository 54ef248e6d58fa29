import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { build } from 'esbuild';

/** Functions that run as separate processes, and die at any moment. */
export interface KilledWorkers {
  readonly kills: () => number;
  /** Kills all of them for the last time. */
  stop(): Promise<void>;
}

/**
 * Starts workers, and kills one like `kill -9` again and again. Each is replaced.
 *
 * @param random numbers from 0 to 1, which decide who dies and when.
 */
export async function killedWorkers(options: {
  readonly count: number;
  /** So that they make progress however slow the machine is. */
  readonly mostKills: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly random: () => number;
}): Promise<KilledWorkers> {
  const { count, mostKills, environment, random } = options;
  const bundle = `.cache/aws-worker-${process.pid}.mjs`;
  await mkdir('.cache', { recursive: true });
  await build({
    entryPoints: ['test/helpers/aws-worker.ts'],
    outfile: bundle,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'esm',
    banner: {
      js: "import * as nodeModule from 'node:module'; const require = nodeModule.createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  const start = (): ChildProcess =>
    spawn(process.execPath, [bundle], {
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  const end = async (worker: ChildProcess): Promise<void> => {
    const ended = worker.exitCode === null ? once(worker, 'exit') : undefined;
    worker.kill('SIGKILL');
    await ended;
  };
  const workers = Array.from({ length: count }, start);
  const stopping = new AbortController();
  let kills = 0;
  const killing = (async () => {
    while (!stopping.signal.aborted && kills < mostKills) {
      // The start of a worker takes about a second.
      await delay(2000 + 3000 * random(), undefined, { signal: stopping.signal }).catch(() => {});
      const index = Math.floor(random() * count);
      const worker = workers[index];
      if (worker === undefined || stopping.signal.aborted) continue;
      await end(worker);
      kills += 1;
      workers[index] = start();
    }
  })();
  return {
    kills: () => kills,
    async stop() {
      stopping.abort();
      await killing;
      await Promise.all(workers.map(end));
    },
  };
}
