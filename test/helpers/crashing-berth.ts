import { type ChildProcess, spawn } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import type { GithubStandIn } from './github-stand-in/start-github-stand-in.ts';
import { environmentFor } from './served-github.ts';

/** Berth in a separate process. */
export interface BerthProcess {
  readonly url: string;
  readonly pid: number;
  /** Resolves with the signal, when the process has ended. */
  readonly ended: Promise<string | null>;
  stop(): Promise<void>;
}

const bundle = '.cache/crashing-server.mjs';

/**
 * Makes the program of {@link startBerthProcess}; once for each test file. It is put in its place whole, since another
 * file's tests may be starting it.
 */
export async function buildBerthProcess(): Promise<void> {
  const made = `.cache/crashing-server-${process.pid}.mjs`;
  await build({
    entryPoints: ['test/helpers/crashing-server.ts'],
    outfile: made,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'esm',
    // In one file but for what is not JavaScript: it starts in half the time.
    external: ['dynalite', 'cpu-features', 'ssh2'],
    banner: {
      js: "import * as nodeModule from 'node:module'; const require = nodeModule.createRequire(import.meta.url);",
    },
    logLevel: 'warning',
  });
  await rename(made, bundle);
}

/** Starts Berth as the App of a stand-in, which sends its webhooks there from then on. */
export async function startBerthProcess(
  github: GithubStandIn,
  dataDir: string,
  extra: Readonly<Record<string, string>> = {},
): Promise<BerthProcess> {
  const child = spawn(process.execPath, [bundle], {
    env: { ...environmentFor(github, dataDir), BERTH_LOG_LEVEL: 'error', ...extra },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise<string | null>((resolve) =>
    child.once('exit', (_code, signal) => resolve(signal)),
  );
  const url = await Promise.race([firstLine(child), ended.then(() => undefined)]);
  if (url === undefined) throw new Error('Berth ended before it served');
  github.state.webhookUrl = `${url}/api/github/webhooks`;
  return {
    url,
    // It has a number: it has told its address.
    pid: child.pid ?? 0,
    ended,
    async stop() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  for await (const line of createInterface({ input: child.stdout })) return line;
  return undefined;
}
