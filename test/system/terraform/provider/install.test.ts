import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../../helpers/github-stand-in/start-github-stand-in.ts';
import { removeDirectory } from '../../../helpers/temporary-directory.ts';
import { dockerStandIn } from './stand-ins.ts';

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

/** A command takes a minute or two. Below the limit of a test, so that a failure shows the output. */
const commandTimeoutMs = 8 * 60_000;

let directory: string;
let engine: Record<string, string>;
let github: GithubStandIn;

beforeAll(async () => {
  github = await startGithubStandIn();
  const parent = await mkdtemp(join(tmpdir(), 'berth-install-'));
  directory = join(parent, 'berth-aws');
  await mkdir(directory);
  await writeFile(join(directory, 'moto_override.tf'), override);
  engine = await dockerStandIn(parent);
  // Without Docker, moto answers for every function that it succeeded.
  await fetch(`${process.env.BERTH_TEST_MOTO_URL}/moto-api/config`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ lambda: { use_docker: false } }),
  });
});
afterAll(async () => {
  await github.close();
  await removeDirectory(join(directory, '..'));
});

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
        ...engine,
        GHE_HOST: github.host,
        GHE_PROTOCOL: 'http',
        CHECKPOINT_DISABLE: '1',
        // By default the provider tries a call 25 times, which takes longer than this test may.
        AWS_MAX_ATTEMPTS: '5',
        TF_CLI_ARGS_init: backend.map((name) => `-backend-config=${name}=true`).join(' '),
        TF_CLI_ARGS_plan: '-parallelism=20',
        // Terraform cancels the calls that are on their way when it is interrupted, and does not know their results:
        // docs/installation.md. With one call at a time, none is running when a resource has just been completed.
        TF_CLI_ARGS_apply: `-parallelism=${interruptAt === 'Creation complete' ? 1 : 20}`,
        TF_CLI_ARGS_destroy: '-parallelism=20',
      },
    },
  );
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (interruptAt !== undefined && text.includes(interruptAt)) interrupt(child);
      const [page] = /http:\S+\/setup\?token=\S+/.exec(text) ?? [];
      if (page !== undefined) createApp(page);
    });
  }
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, commandTimeoutMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(late);
  if (isLate) throw new Error(`berth aws ${args[0]} did not end. Its last output:\n${text.slice(-4000)}`);
  return { code, text };
}

const interrupted = new WeakSet<ChildProcess>();

/** Ctrl-C in a terminal reaches the whole process group. */
function interrupt(child: ChildProcess): void {
  if (interrupted.has(child) || child.pid === undefined) return;
  interrupted.add(child);
  process.kill(-child.pid, 'SIGINT');
}

const answered = new Set<string>();

/** Does what a person does in the browser: GitHub creates the App, and sends the browser back with a code. */
function createApp(page: string): void {
  if (answered.has(page)) return;
  answered.add(page);
  const { origin, searchParams } = new URL(page);
  const code = `code-${answered.size}`;
  github.state.manifestCodes.set(code, { name: 'Berth' });
  const back = `${origin}/setup/created?code=${code}&state=${searchParams.get('token')}`;
  void fetch(back, { redirect: 'manual' }).catch(() => {});
}

const install = ['install', '--region', 'us-east-1', '--project', 'laptop', '--organization', 'octo-org'];

describe('berth aws on moto', () => {
  it.each([
    'create-bucket',
    'put-public-access-block',
    'init -input=false',
    '-detailed-exitcode',
    'Creation complete',
    'build-image.sh',
    'put-parameter',
  ])('can be interrupted at %s', async (place) => {
    const { code, text } = await berth(install, place);
    expect(text).toContain(place);
    expect(code).not.toBe(0);
  });

  it('installs everything when it is repeated, and keeps the key', async () => {
    const { text } = await berth(install);
    expect(text).toContain('Done already: laptop-runner:v');
    expect(text).toContain('[10/10] Berth with the GitHub App');
    expect(text).toMatch(/ok cluster +laptop is active/);
    expect(answered.size).toBe(1);
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

  it('upgrades to a version that it has', async () => {
    const { text } = await berth(['upgrade']);
    expect(text).toContain('Done already: laptop-runner:v');
    expect(text).toContain('Nothing to change.');
  });

  it('deletes everything', async () => {
    const { code, text } = await berth(['uninstall']);
    expect(text).toContain('Destroy complete!');
    expect(code).toBe(0);
  });
});
