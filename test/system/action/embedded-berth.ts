import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '../../helpers/eventually.ts';
import { freePort } from '../../helpers/free-port.ts';
import { temporaryDirectory } from '../../helpers/temporary-directory.ts';

/** Berth as a user starts it, on a data directory and a port that outlive it. */
export interface EmbeddedBerth {
  readonly url: string;
  readonly apiKey: string;
  start(): Promise<void>;
  /** Ends the server immediately, as a crash does. Tasks continue. */
  kill(): Promise<void>;
  /** A request with the key. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Body }>;
  /** Ends the server, and takes its data away. */
  remove(): Promise<void>;
}

// Tests read answers as clients without a schema do.
// biome-ignore lint/suspicious/noExplicitAny: the shape is what each test asserts
type Body = any;

export async function embeddedBerth(environment: Record<string, string> = {}): Promise<EmbeddedBerth> {
  const data = await temporaryDirectory();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const apiKey = 'a-key-of-the-tests-alone-0123456789';
  let server: ChildProcess | undefined;

  async function start(): Promise<void> {
    const child = spawn(process.execPath, ['dist/berth.js', 'serve'], {
      env: {
        PATH: process.env.PATH,
        HOME: data.path,
        PORT: String(port),
        BERTH_DATA_DIR: join(data.path, 'data'),
        BERTH_API_KEY: apiKey,
        BERTH_EXECUTOR: 'process',
        BERTH_ALLOW_FILE_URLS: 'true',
        ...environment,
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    server = child;
    await eventually('the server to be ready', async () => {
      if (child.exitCode !== null) throw new Error(`the server ended with exit code ${child.exitCode}`);
      return isReady(url);
    });
  }

  async function kill(): Promise<void> {
    if (server === undefined) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    server = undefined;
    await ended;
  }

  await start();
  return {
    url,
    apiKey,
    start,
    kill,
    async call(method, path, body) {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: { 'X-API-Key': apiKey },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    },
    async remove() {
      await kill();
      await data.remove();
    },
  };
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    // The server does not listen yet.
    return false;
  }
}
