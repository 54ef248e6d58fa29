import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Set by `npm run test:terraform`: a copy of the modules, because Terraform writes into their folders. */
export function tree(): string {
  const path = process.env.BERTH_TEST_TERRAFORM_TREE;
  if (path === undefined) throw new Error('run these tests with npm run test:terraform');
  return path;
}

/**
 * Runs Terraform in a folder of a module.
 *
 * @returns its output. @throws Error with the output if it fails.
 */
export async function terraform(
  folder: string,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<string> {
  const options = {
    cwd: join(tree(), folder),
    env: { ...process.env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', ...env },
    maxBuffer: 64 * 1024 * 1024,
  };
  try {
    const { stdout } = await execute('terraform', args, options);
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`terraform ${args.join(' ')} in ${folder}:\n${stdout}${stderr}`);
  }
}

export const init = (folder: string): Promise<string> =>
  terraform(folder, ['init', '-backend=false', '-input=false', '-no-color']);
