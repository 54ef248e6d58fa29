import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { create } from 'tar';
import type { Checkout } from './checkout.ts';
import type { CliContext } from './cli-context.ts';
import { CliError } from './cli-error.ts';
import type { BerthApi } from './connect.ts';
import { exitCodes } from './exit-codes.ts';
import type { Git } from './git.ts';

/**
 * Uploads a commit to the server, for commits that the server cannot fetch.
 *
 * @returns the ID of the source
 * @throws CliError `upload_failed`
 */
export async function uploadSource(
  { git, transport }: Pick<CliContext, 'git' | 'transport'>,
  api: Pick<BerthApi, 'createSource'>,
  checkout: Pick<Checkout, 'root' | 'sha'>,
): Promise<string> {
  const archive = await archiveOf(git, checkout);
  const { source_id: id, upload_url: url, max_bytes: maxBytes } = await api.createSource();
  if (archive.length > maxBytes) {
    throw uploadFailed(`The commit has ${archive.length} bytes as an archive. The limit is ${maxBytes}.`);
  }
  const request = new Request(url, {
    method: 'PUT',
    body: archive,
    headers: { 'content-type': 'application/gzip' },
  });
  const response = await transport.fetch(request, { redirect: 'manual' });
  if (!response.ok) throw uploadFailed(`The upload of the commit failed with status ${response.status}.`);
  return id;
}

/** Notes of git about the copy itself: paths and names of this machine. */
const ofCopy = /^source\/\.git\/(?:logs\/|FETCH_HEAD$)/;

/**
 * Packs a commit and its files as a repository without history: many builds ask git for their version. Not by
 * `git archive`: it leaves out what `export-ignore` names, which is the tests in many repositories.
 */
async function archiveOf(
  git: Git,
  { root, sha }: Pick<Checkout, 'root' | 'sha'>,
): Promise<Buffer<ArrayBuffer>> {
  const directory = await mkdtemp(path.join(tmpdir(), 'berth-source-'));
  try {
    const copy = path.join(directory, 'source');
    const commands = [
      ['init', '--quiet', '--template=', copy],
      ['-C', copy, 'fetch', '--quiet', '--no-tags', '--depth=1', pathToFileURL(root).href, sha],
      ['-C', copy, 'checkout', '--quiet', '--detach', sha],
    ];
    for (const args of commands) {
      const output = await git(args, directory);
      if (output === undefined) throw uploadFailed(`The commit ${sha.slice(0, 7)} could not be copied.`);
    }
    const file = path.join(directory, 'source.tar.gz');
    const filter = (name: string) => !ofCopy.test(name);
    await create({ file, gzip: true, portable: true, cwd: directory, filter }, ['source']);
    return await readFile(file);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function uploadFailed(message: string): CliError {
  return new CliError('upload_failed', message, {
    exitCode: exitCodes.usage,
    hint: 'Push the commit, or run on this machine with --local.',
  });
}
