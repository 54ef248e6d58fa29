import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { extract } from 'tar';
import type { JobSource } from '../../../app/core/model/job.ts';
import { HttpFailure, httpRequest } from '../http/http-request.ts';
import type { CheckedOut } from '../process/command-env.ts';
import { errorText, RunnerError } from '../runner-error.ts';
import type { CheckoutOptions } from './git-checkout.ts';

export type ArchiveSource = Extract<JobSource, { kind: 'archive' }>;

/**
 * Downloads the archive of a commit and unpacks it in one pass. An entry outside the checkout makes the archive invalid. A
 * symbolic link that leads out of the checkout is left out.
 *
 * @throws RunnerError
 */
export async function checkoutArchive(source: ArchiveSource, options: CheckoutOptions): Promise<CheckedOut> {
  try {
    if (source.url.startsWith('file:')) {
      await unpack(createReadStream(fileURLToPath(source.url)), options);
    } else {
      await httpRequest(
        { method: 'GET', url: source.url, headers: source.headers, signal: options.signal },
        (response) => unpack(response, options),
      );
    }
  } catch (error) {
    options.signal.throwIfAborted();
    throw archiveFailure(error);
  }
  return { sha: source.sha };
}

/** Starts over at each call, because a broken download is repeated. */
async function unpack(archive: Readable, { directory, signal }: CheckoutOptions): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  let leading: string | undefined;
  let problem: RunnerError | undefined;
  const extraction = extract({
    cwd: directory,
    strip: 1,
    filter(path, entry) {
      const [first = '', ...rest] = path.split('/').filter((part) => part !== '.' && part !== '');
      const isDirectory = 'type' in entry && entry.type === 'Directory';
      leading ??= first;
      if (first !== leading || (rest.length === 0 && !isDirectory)) {
        problem ??= invalid('it must have one leading directory, as archives of GitHub do.');
      }
      return problem === undefined;
    },
    onwarn(code, message, data) {
      if (code === 'TAR_ENTRY_INFO' || 'linkpath' in data) return;
      problem ??= code === 'ENOSPC' ? diskFull() : invalid(`${String(message)}.`);
    },
  });
  await pipeline(archive, extraction, { signal });
  if (problem !== undefined) throw problem;
  if (leading === undefined) throw invalid('it is empty.');
}

function archiveFailure(error: unknown): RunnerError {
  if (error instanceof RunnerError) return error;
  if (error instanceof HttpFailure) return downloadFailure(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') return diskFull();
  if (code === 'ENOENT')
    return new RunnerError('repository_not_found', 'The archive of the commit does not exist.', error);
  return invalid(`${errorText(error)}.`, error);
}

function downloadFailure(failure: HttpFailure): RunnerError {
  const { status, message } = failure;
  if (status === 401 || status === 403) {
    const why = 'its URL may have expired, or the token may not have access.';
    const text = `Access to the archive of the commit was denied: ${why} ${message}`;
    return new RunnerError('authentication_refused', text, failure);
  }
  if (status === 404 || status === 410) {
    const text = `The archive of the commit does not exist. ${message}`;
    return new RunnerError('repository_not_found', text, failure);
  }
  return new RunnerError('source_unreachable', `The archive could not be downloaded. ${message}`, failure);
}

function invalid(reason: string, cause?: unknown): RunnerError {
  return new RunnerError('archive_invalid', `The archive of the commit is not valid: ${reason}`, cause);
}

function diskFull(): RunnerError {
  return new RunnerError('disk_full', 'The disk is full, so the checkout failed. Give the task more disk.');
}
