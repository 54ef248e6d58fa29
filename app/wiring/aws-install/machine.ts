import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { absent } from '../../adapters/files/read-if-exists.ts';
import { BerthError } from '../../core/model/errors.ts';
import type { GithubServer } from '../config/config.ts';
import { registerApp } from './register-app.ts';
import type { Command, CommandEnd, World } from './world.ts';

/** The world of an installation: this machine, and the person at its terminal. */
export function thisMachine(options: {
  readonly print: (line: string) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly github: GithubServer;
  readonly interrupted: AbortSignal;
}): World {
  return {
    async run(command, output) {
      const end = await runProgram(command, output, options.env);
      if (!options.interrupted.aborted) return end;
      throw new BerthError('install_failed', 'Interrupted.', {
        hint: 'Run the same command again: it continues where it stopped.',
      });
    },
    print: options.print,
    confirm: async (question) => /^y(es)?$/i.test((await ask(`${question} [y/N] `)) ?? ''),
    read: async (path) => readFile(path, 'utf8').catch(absent),
    async write(path, text) {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(`${path}.draft`, text, { mode: 0o600 });
      await rename(`${path}.draft`, path);
    },
    remove: (path) => rm(path, { force: true }),
    exists: existsSync,
    registerApp: (request) => registerApp(request, options.github),
  };
}

/** @returns the answer; undefined without a terminal. */
export async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return (await lines.question(question)).trim();
  } finally {
    lines.close();
  }
}

function runProgram(
  { program, args, env = {} }: Command,
  output: 'show' | 'capture',
  environment: Readonly<Record<string, string | undefined>>,
): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: { ...environment, AWS_PAGER: '', TF_IN_AUTOMATION: '1', ...env },
      stdio: ['inherit', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      if (output === 'show') process.stdout.write(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      if (output === 'show') process.stderr.write(text);
    });
    child.once('error', ({ message }) => resolve({ exitCode: 127, stdout, stderr: message }));
    child.once('close', (code) => resolve({ exitCode: code ?? 130, stdout, stderr }));
  });
}
