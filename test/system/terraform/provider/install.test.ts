import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { removeDirectory } from '../../../helpers/temporary-directory.ts';

/** Settings that the S3 backend and the provider need for moto. */
const backend = [
  'use_path_style',
  'skip_credentials_validation',
  'skip_requesting_account_id',
  'skip_s3_checksum',
];
const override = `provider "aws" {
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
}
`;

let directory: string;

beforeAll(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'berth-install-'));
  directory = join(parent, 'berth-aws');
  await mkdir(directory);
  await writeFile(join(directory, 'moto_override.tf'), override);
  // Without Docker, moto answers for every function that it succeeded.
  await fetch(`${process.env.BERTH_TEST_MOTO_URL}/moto-api/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ lambda: { use_docker: false } }),
  });
});
afterAll(() => removeDirectory(join(directory, '..')));

/** @param interruptAt interrupts the command, and the programs that it runs, when it prints this. */
async function berth(
  args: readonly string[],
  interruptAt?: string,
): Promise<{ code: number | null; text: string }> {
  const child = spawn(
    process.execPath,
    ['dist/berth.js', 'aws', ...args, '--directory', directory, '--yes'],
    {
      detached: true,
      env: {
        ...process.env,
        CHECKPOINT_DISABLE: '1',
        TF_CLI_ARGS_init: backend.map((name) => `-backend-config=${name}=true`).join(' '),
        TF_CLI_ARGS_plan: '-parallelism=20',
        // Terraform cancels the calls that are on their way when it is interrupted, and does not know their results:
        // docs/installation.md. With one call at a time, none is running when a resource has just been completed.
        TF_CLI_ARGS_apply: `-parallelism=${interruptAt === undefined ? 20 : 1}`,
        TF_CLI_ARGS_destroy: '-parallelism=20',
      },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (interruptAt !== undefined && text.includes(interruptAt)) interrupt(child);
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, text };
}

const interrupted = new WeakSet<ChildProcess>();

/** Ctrl-C in a terminal reaches the whole process group. */
function interrupt(child: ChildProcess): void {
  if (interrupted.has(child) || child.pid === undefined) return;
  interrupted.add(child);
  process.kill(-child.pid, 'SIGINT');
}

const install = ['install', '--region', 'us-east-1', '--project', 'laptop', '--no-github'];
const image = ['--image', '123456789012.dkr.ecr.us-east-1.amazonaws.com/runner:1'];

describe('berth aws on moto', () => {
  it.each([
    'create-bucket',
    'put-public-access-block',
    'init -input=false',
    '-detailed-exitcode',
    'Creation complete',
  ])('can be interrupted at %s', async (place) => {
    const { code, text } = await berth([...install, ...image], place);
    expect(text).toContain(place);
    expect(code).not.toBe(0);
  });

  it('installs everything when it is repeated, and keeps the key', async () => {
    const { text } = await berth([...install, ...image]);
    expect(text).toContain('[6/6] First project and its API key');
    expect(text).toMatch(/ok cluster +laptop is active/);
    expect(await readFile(join(directory, '.env'), 'utf8')).toMatch(
      /^BERTH_URL=https:\/\/.*\nBERTH_API_KEY=berth_[0-9a-f]{12}_[\w-]{43}\n$/,
    );
  });

  it('changes nothing when it is repeated again, and needs no options', async () => {
    const key = await readFile(join(directory, '.env'), 'utf8');
    const { text } = await berth(['install']);
    expect(text).toContain('Nothing to change.');
    expect(await readFile(join(directory, '.env'), 'utf8')).toBe(key);
  });

  it('deletes everything', async () => {
    const { code, text } = await berth(['uninstall']);
    expect(text).toContain('Destroy complete!');
    expect(code).toBe(0);
  });
});
