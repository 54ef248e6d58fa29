import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'yaml';
import { eventually } from '../../helpers/eventually.ts';

/** Calls the committed bundle as GitHub's runner does, and reads the files that it writes. */
export interface Job {
  /** Starts a step. Its state and its exported variables are available to the rest of the job. */
  step(inputs: Record<string, string>): Promise<Step>;
}

export interface Step {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The log so far. */
  log(): string;
  /** The time when each line of the log arrived, in milliseconds. */
  readonly arrivals: { readonly line: string; readonly at: number }[];
  waitForLine(pattern: RegExp): Promise<void>;
  /** Resolves when the step has ended. */
  ended(): Promise<StepEnd>;
  /**
   * Cancels the step as the runner does: INT, later TERM, later KILL. GitHub's runner waits for 7.5 s and for another
   * 2.5 s; a busy machine needs longer.
   */
  cancel(): Promise<StepEnd>;
  /** Runs the post step, as the runner does at the end of the job. */
  post(): Promise<StepEnd>;
}

interface StepEnd {
  readonly exitCode: number | null;
  readonly seconds: number;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly annotations: readonly string[];
}

const node = process.env.BERTH_TEST_NODE24 ?? process.execPath;

interface ActionFile {
  readonly inputs: Record<string, { default?: string }>;
  readonly runs: { readonly main: string; readonly post: string };
}

// action.yml is part of this repository; the type describes its parts.
const action = parse(readFileSync('action.yml', 'utf8')) as ActionFile;

/** The default inputs in action.yml; contexts have no value here. */
const defaults: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(action.inputs).map(([name, input]) => [
    name,
    (input.default ?? '').replace(/\$\{\{.*?\}\}/g, ''),
  ]),
);

let jobs = 0;

/** @param environment additional variables of the runner. */
export function jobIn(directory: string, environment: Record<string, string> = {}): Job {
  jobs += 1;
  const facts = {
    PATH: process.env.PATH ?? '',
    GITHUB_SERVER_URL: 'https://github.com',
    GITHUB_REPOSITORY: 'acme/site',
    GITHUB_REF: 'refs/heads/main',
    GITHUB_SHA: '0'.repeat(40),
    GITHUB_RUN_ID: String(jobs),
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_JOB: 'test',
    ...environment,
  };
  const exported: Record<string, string> = {};
  let steps = 0;

  return {
    async step(inputs) {
      steps += 1;
      const files = await fileCommands(directory, `${jobs}-${steps}`);
      const env = {
        ...facts,
        ...exported,
        GITHUB_ACTION: `__berth_${steps}`,
        ...files.environment,
        ...asInputs({ ...defaults, ...inputs }),
      };
      return launch(action.runs.main, env, files, exported);
    },
  };
}

/** Maps `api-url` to INPUT_API-URL: blanks become underscores, dashes stay. */
function asInputs(inputs: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
      value,
    ]),
  );
}

type Files = Awaited<ReturnType<typeof fileCommands>>;

async function fileCommands(directory: string, name: string) {
  const paths = Object.fromEntries(
    ['OUTPUT', 'STATE', 'ENV', 'STEP_SUMMARY'].map((kind) => [
      `GITHUB_${kind}`,
      join(directory, `${name}-${kind}`),
    ]),
  );
  await Promise.all(Object.values(paths).map((path) => writeFile(path, '')));
  const read = async (kind: string): Promise<string> => readFile(paths[`GITHUB_${kind}`] ?? '', 'utf8');
  return {
    environment: paths,
    outputs: async () => keyValues(await read('OUTPUT')),
    state: async () => keyValues(await read('STATE')),
    variables: async () => keyValues(await read('ENV')),
    summary: () => read('STEP_SUMMARY'),
  };
}

/** Parses `name<<delimiter`, lines, `delimiter`: the last value of a name counts. */
function keyValues(text: string): Record<string, string> {
  const found = text.matchAll(/^(.+?)<<(ghadelimiter_[\w-]+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name, value]));
}

function launch(
  entry: string,
  env: Record<string, string>,
  files: Files,
  exported: Record<string, string>,
): Step {
  const begun = Date.now();
  const child = spawn(node, [entry], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const arrivals: { line: string; at: number }[] = [];
  let log = '';
  let rest = '';
  child.stdout.setEncoding('utf8');
  child.stdout.on('data', (text: string) => {
    // Only the beginning of a huge log stays in memory.
    log = log.length < 10_000_000 ? log + text : log;
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    if (arrivals.length < 100_000) arrivals.push(...lines.map((line) => ({ line, at: Date.now() })));
  });
  const exit = once(child, 'close');

  async function ended(): Promise<StepEnd> {
    await exit;
    Object.assign(exported, await files.variables());
    return {
      exitCode: child.exitCode,
      seconds: (Date.now() - begun) / 1000,
      log,
      outputs: await files.outputs(),
      summary: await files.summary(),
      annotations: log.split('\n').filter((line) => /^::error (file|title)/.test(line)),
    };
  }

  return {
    process: child,
    pid: child.pid ?? 0,
    log: () => log,
    arrivals,
    async waitForLine(pattern) {
      await eventually(`the line ${pattern}`, async () => pattern.test(log));
    },
    ended,
    async cancel() {
      const signals = [
        setTimeout(() => child.kill('SIGTERM'), 75_000),
        setTimeout(() => child.kill('SIGKILL'), 100_000),
      ];
      const asked = Date.now();
      child.kill('SIGINT');
      const end = await ended();
      process.stdout.write(`a canceled step has ended after ${Date.now() - asked} ms\n`);
      for (const signal of signals) clearTimeout(signal);
      return end;
    },
    async post() {
      const state = Object.entries(await files.state()).map(([name, value]) => [`STATE_${name}`, value]);
      const postEnv = { ...env, ...Object.fromEntries(state) };
      return launch(action.runs.post, postEnv, files, exported).ended();
    },
  };
}
