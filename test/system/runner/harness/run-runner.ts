import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { list, type ReadEntry } from 'tar';
import { type JobInput, type JobResult, jobResultSchema } from '../../../../app/core/model/job.ts';
import { startUploadServer, type UploadServer } from './upload-server.ts';

export const runnerBundle = 'runner-image/dist/runner.js';

/** The fields of a job that a test sets. The rest has defaults. */
export type JobParts = Omit<Partial<JobInput>, 'source' | 'limits' | 'uploads'> &
  Pick<JobInput, 'source'> & {
    readonly limits?: Partial<JobInput['limits']>;
    readonly uploads?: Partial<JobInput['uploads']>;
  };

export interface RunningRunner {
  readonly child: ChildProcess;
  readonly server: UploadServer;
  /** The runner's `BERTH_WORK_DIR`. */
  readonly workDirectory: string;
  /** Resolves when the output has this text. */
  printed(text: string): Promise<void>;
  /** Waits for the runner's end. */
  end(): Promise<FinishedRunner>;
}

export interface FinishedRunner {
  readonly exitCode: number | null;
  readonly output: Buffer;
  /** The output without the runner's own lines. */
  readonly lines: readonly string[];
  readonly ownLines: readonly string[];
  /** Checked against its schema. */
  readonly result: JobResult;
  readonly server: UploadServer;
  readonly report: string;
  /** The artifacts' names and contents. */
  artifacts(): Promise<Record<string, string>>;
}

export interface StartOptions {
  readonly server?: UploadServer;
  /** Added to the runner's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** False for a test whose output is too large to keep. */
  readonly keepOutput?: boolean;
}

/** Starts the built runner as a separate process, with a job that it fetches from a real server. */
export async function startRunner(parts: JobParts, options: StartOptions = {}): Promise<RunningRunner> {
  const server = options.server ?? (await startUploadServer());
  const job: JobInput = {
    version: 1,
    runId: 'run-1',
    project: 'acme/shop',
    suite: 'unit',
    command: 'true',
    ...parts,
    // By default, longer than any machine takes.
    limits: { timeoutSeconds: 600, ...parts.limits },
    uploads: { ...server.uploads, ...parts.uploads },
  };
  server.serve('/job', JSON.stringify(job));
  const workDirectory = await mkdtemp(join(tmpdir(), 'berth-test-work-'));
  return startProcess(server, workDirectory, options);
}

export async function runRunner(parts: JobParts, options: StartOptions = {}): Promise<FinishedRunner> {
  const runner = await startRunner(parts, options);
  return runner.end();
}

function startProcess(server: UploadServer, workDirectory: string, options: StartOptions): RunningRunner {
  const child = spawn(process.execPath, [runnerBundle], {
    env: {
      PATH: process.env.PATH ?? '',
      HOME: tmpdir(),
      BERTH_JOB_URL: `${server.url}/job`,
      BERTH_WORK_DIR: workDirectory,
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  const closed = once(child, 'close');
  child.stdout?.on('data', (chunk: Buffer) => {
    if (options.keepOutput !== false) chunks.push(chunk);
  });

  return {
    child,
    server,
    workDirectory,
    async printed(text) {
      const hasPrinted = (): boolean => Buffer.concat(chunks).includes(text);
      const ended = closed.then(() => 'ended');
      while (!hasPrinted()) {
        const more = child.stdout === null ? ended : Promise.race([once(child.stdout, 'data'), ended]);
        // Its last output may arrive after its exit, and before its output is closed.
        if ((await more) === 'ended' && !hasPrinted()) {
          throw new Error(`The runner ended without printing ${text}:\n${Buffer.concat(chunks)}`);
        }
      }
    },
    async end() {
      const [exitCode] = await closed;
      return finished(server, exitCode, Buffer.concat(chunks));
    },
  };
}

async function finished(
  server: UploadServer,
  exitCode: number | null,
  output: Buffer,
): Promise<FinishedRunner> {
  const lines = output.toString('utf8').split('\n').slice(0, -1);
  const document = server.upload('/result');
  if (document === undefined) throw new Error(`The runner uploaded no result:\n${output}`);
  await server.close();
  return {
    exitCode,
    output,
    lines: lines.filter((line) => !line.startsWith('[berth] ')),
    ownLines: lines.filter((line) => line.startsWith('[berth] ')),
    result: jobResultSchema.parse(JSON.parse(document.body.toString('utf8'))),
    server,
    report: server.upload('/report')?.body.toString('utf8') ?? '',
    artifacts: () => unpacked(server.upload('/artifacts')?.body),
  };
}

async function unpacked(archive: Buffer | undefined): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  if (archive === undefined) return files;
  const reading: Promise<unknown>[] = [];
  const parser = list({
    onReadEntry(entry: ReadEntry) {
      reading.push(
        entry.concat().then((content) => {
          files[entry.path] = content.toString('utf8');
        }),
      );
    },
  });
  const ended = once(parser, 'end');
  parser.end(gunzipSync(archive));
  await ended;
  await Promise.all(reading);
  return files;
}
