import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { documentStandIns } from './stand-ins.ts';
import { tree } from './terraform.ts';

const execute = promisify(execFile);

/** The shell blocks of a document below a heading, with their text as it is. */
export function blocksBelow(file: string, heading: string): string[] {
  const [, below] = `\n${readFileSync(file, 'utf8')}`.split(`\n${heading}\n`);
  if (below === undefined) throw new Error(`${file} has no ${heading}`);
  const [section = ''] = below.split(/\n#{1,3} /);
  const blocks = [...section.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)];
  return blocks.map(([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

/** Terraform asks no questions, as there is no terminal. */
const withoutQuestions = {
  TF_IN_AUTOMATION: '1',
  CHECKPOINT_DISABLE: '1',
  TF_CLI_ARGS_init: '-input=false -no-color',
  TF_CLI_ARGS_apply: '-auto-approve -input=false -no-color -parallelism=20',
  TF_CLI_ARGS_destroy: '-auto-approve -input=false -no-color -parallelism=20',
};

/**
 * Types commands into a shell in a folder of the checkout: the copy that Terraform writes into. The region of the documents is
 * the one of the other tests here.
 *
 * @returns what the commands print. @throws Error with it, if a command fails.
 */
export async function typeIn(
  folder: string,
  commands: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    ...process.env,
    ...(await checkout()),
    ...withoutQuestions,
    AWS_PAGER: '',
    AWS_DEFAULT_REGION: 'us-east-1',
    ...variables,
  };
  const options = { cwd: join(tree(), folder), env, maxBuffer: 64 * 1024 * 1024 };
  const typed = commands.replaceAll('eu-central-1', 'us-east-1');
  // The output of a child of Node is a socket, which no program can open as /dev/stdout.
  const shell = execute('bash', ['-euo', 'pipefail', '-c', `(\n${typed}\n) | cat`], options);
  shell.child.stdin?.end();
  const { stdout, stderr } = await shell.catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${typed}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  });
  return stdout + stderr;
}

/** The files that the script of the images uses. */
const copies = [
  'scripts/build-image.sh',
  'runner-image',
  'server-image',
  'dist',
  'package.json',
  'package-lock.json',
];
let copied: Promise<Record<string, string>> | undefined;

/** @returns the environment of the shell. */
function checkout(): Promise<Record<string, string>> {
  copied ??= (async () => {
    for (const path of copies) {
      await cp(path, join(tree(), path), { recursive: true });
    }
    // The script builds the runner again if it is older than its sources.
    const now = new Date();
    await utimes(join(tree(), 'runner-image/dist/runner.js'), now, now);
    return documentStandIns(tree());
  })();
  return copied;
}
