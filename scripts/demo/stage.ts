import { randomUUID } from 'node:crypto';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { apiOf, type BerthApi } from '../../app/cli/connect.ts';
import { type Output, openTerminal } from '../../app/cli/terminal.ts';
import { readConfig, readEnvironment } from '../../app/wiring/config/config.ts';
import { isolatedEnvironment } from '../../app/wiring/config/variables.ts';
import { serve } from '../../app/wiring/server.ts';

/** The server of a demo and its output. */
export interface Stage {
  readonly api: BerthApi;
  readonly url: string;
  readonly apiKey: string;
  readonly executorReason: string;
  readonly projectName: string;
  /** The folder with everything that the demo creates, including the server's data. */
  readonly directory: string;
  readonly dataDir: string;
  readonly out: Output;
  /** Writes a line. */
  say(text?: string): void;
  /** Waits, in milliseconds. */
  readonly pause: (milliseconds: number) => Promise<void>;
  close(): Promise<void>;
}

/** An expected result of an act. */
export interface Expectation {
  readonly what: string;
  readonly isSo: boolean;
}

/**
 * Starts Berth embedded on a free port, with a new directory and a separate key.
 *
 * @param environment additional variables for the server.
 */
export async function openStage(environment: Readonly<Record<string, string>> = {}): Promise<Stage> {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-demo-'));
  const dataDir = path.join(directory, 'data');
  const apiKey = `berth_demo_${randomUUID()}`;
  const server = await serve(
    readConfig({
      ...isolatedEnvironment(['PATH']),
      // The tests only need Node, so the demo works without a container engine.
      BERTH_EXECUTOR: 'process',
      PORT: '0',
      BERTH_DATA_DIR: dataDir,
      BERTH_API_KEY: apiKey,
      BERTH_ALLOW_FILE_URLS: 'true',
      ...environment,
    }),
  );
  const { out } = openTerminal({ stdout: process.stdout, stderr: process.stderr, env: readEnvironment() });
  const transport = {
    fetch: globalThis.fetch,
    sleep: (milliseconds: number) => sleep(milliseconds),
    now: () => new Date(),
    random: Math.random,
  };
  return {
    api: apiOf({ transport }, { url: server.url, apiKey }),
    url: server.url,
    apiKey,
    executorReason: server.executorReason,
    projectName: server.projectName,
    directory,
    dataDir,
    out,
    say: (text = '') => out.write(`${text}\n`),
    pause: transport.sleep,
    close: server.close,
  };
}
