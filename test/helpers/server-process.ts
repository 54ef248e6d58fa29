import { startBerth } from './berth-process.ts';
import { eventually } from './eventually.ts';

const apiKey = 'a-key-for-the-tests-of-berth';

/** A server in a separate process, which tests call and kill. */
export interface ServerProcess {
  readonly url: string;
  readonly apiKey: string;
  readonly pid: number;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** kill -9, and the end of it. */
  kill(): Promise<void>;
  /** Ctrl-C, and the end of it. */
  stop(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Starts `berth serve` and waits until it serves. @throws Error with what it printed where it ends instead. */
export async function startServer(
  dataDir: string,
  { PORT = '0', ...environment }: Record<string, string> = {},
): Promise<ServerProcess> {
  const { child, ended, written } = startBerth(['serve', '--json', '--port', PORT], {
    directory: dataDir.slice(0, dataDir.lastIndexOf('/')),
    env: { BERTH_DATA_DIR: dataDir, BERTH_API_KEY: apiKey, BERTH_ALLOW_FILE_URLS: 'true', ...environment },
  });
  const url = await eventually('the server to serve', async () => {
    const { out, err } = written();
    if (child.exitCode !== null) throw new Error(`berth serve ended: ${err}`);
    return out.includes('\n') ? String(JSON.parse(out).url) : undefined;
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await ended;
  };
  return {
    url,
    apiKey,
    // It has served, so it has been started.
    pid: child.pid ?? 0,
    call: (method, path, body) => call(url, method, path, body),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGINT'),
  };
}

async function call(url: string, method: string, path: string, body?: unknown): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { 'x-api-key': apiKey, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  // Every route that these tests call answers with a JSON object.
  const answer = (await response.json()) as Record<string, unknown>;
  return { status: response.status, body: answer };
}
