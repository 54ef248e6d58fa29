import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';

const program = fileURLToPath(new URL('../../dist/berth.js', import.meta.url));

export interface BerthOptions {
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface BerthEnd {
  readonly exitCode: number | null;
  readonly out: string;
  readonly err: string;
}

/** `berth` as people run it: the built file, in a separate process. */
export interface BerthProcess {
  readonly child: ChildProcessByStdio<null, Readable, Readable>;
  readonly ended: Promise<BerthEnd>;
  /** The output so far. */
  readonly written: () => { out: string; err: string };
}

/** Starts `berth` with an environment that holds nothing but what is given, and what finds programs. */
export function startBerth(args: readonly string[], { directory, env = {} }: BerthOptions): BerthProcess {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: directory,
    env: { PATH: process.env.PATH, HOME: directory, BERTH_EXECUTOR: 'process', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<BerthEnd>((resolve) => {
    child.once('close', (exitCode) => resolve({ exitCode, out, err }));
  });
  return { child, ended, written: () => ({ out, err }) };
}

/** Runs `berth` until it exits. */
export function berth(args: readonly string[], options: BerthOptions): Promise<BerthEnd> {
  return startBerth(args, options).ended;
}

/** Starts a separate server for a test, with a project named `default`. */
export interface BerthServer {
  readonly url: string;
  /** Variables that make `berth` talk to it. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<BerthEnd>;
}

/** `berth serve` on a free port, once it serves. */
export async function berthServer({ directory, env = {} }: BerthOptions): Promise<BerthServer> {
  const apiKey = 'a-key-for-tests-0123456789';
  const server = startBerth(['serve', '--json', '--port', '0'], {
    directory,
    env: { BERTH_API_KEY: apiKey, BERTH_ALLOW_FILE_URLS: 'true', ...env },
  });
  const url = await eventually('the server to serve', async () => {
    const { out, err } = server.written();
    if (server.child.exitCode !== null) throw new Error(`berth serve ended: ${err}`);
    return out.includes('\n') ? String(JSON.parse(out).url) : undefined;
  });
  return {
    url,
    env: { BERTH_URL: url, BERTH_API_KEY: apiKey },
    stop() {
      server.child.kill('SIGTERM');
      return server.ended;
    },
  };
}
