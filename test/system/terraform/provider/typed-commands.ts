import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dockerStandIn } from './docker-stand-in.ts';
import { tree } from './terraform.ts';

const execute = promisify(execFile);

/** The shell blocks of a document below a heading, with their text as it is. */
export function blocksBelow(file: string, heading: string): string[] {
  const text = readFileSync(file, 'utf8');
  const [, below = ''] = text.split(`\n${heading}\n`);
  const [section = ''] = below.split(/\n#{1,3} /);
  const blocks = [...section.matchAll(/^( *)```sh\n(.*?)^ *```$/gms)];
  return blocks.map(([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
}

/** Types commands into a shell in a folder of the checkout: the copy that Terraform writes into. */
export async function typeIn(
  folder: string,
  commands: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    ...process.env,
    ...(await checkout()),
    ...variables,
    AWS_PAGER: '',
    AWS_DEFAULT_REGION: 'us-east-1',
  };
  const options = { cwd: join(tree(), folder), env, maxBuffer: 64 * 1024 * 1024 };
  const shell = execute('bash', ['-euo', 'pipefail', '-c', commands], options);
  shell.child.stdin?.end();
  const { stdout, stderr } = await shell.catch((error: { stdout?: string; stderr?: string }) => {
    throw new Error(`${commands}\n${error.stdout ?? ''}${error.stderr ?? ''}`);
  });
  return stdout + stderr;
}

let copied: Promise<Record<string, string>> | undefined;

/** Adds to the copy what the script of the image uses. @returns the environment of the shell. */
function checkout(): Promise<Record<string, string>> {
  copied ??= (async () => {
    for (const path of ['scripts/build-image.sh', 'runner-image']) {
      await cp(path, join(tree(), path), { recursive: true });
    }
    return dockerStandIn(tree());
  })();
  return copied;
}
