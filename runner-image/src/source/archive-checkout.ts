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
 * Downloads the archive of a commit and unpacks it while it comes. An entry that would be written outside of the
 * checkout refuses the archive; a symbolic link that leads out of it is left out.
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

/** Starts from nothing at each call: a download that broke is begun again. */
async function unpack(archive: Readable, { directory, signal }: CheckoutOptions): Promise<void> {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  let leading: string | undefined;
  let fault: RunnerError | undefined;
  const extraction = extract({
    cwd: directory,
    strip: 1,
    filter(path, entry) {
      const [first = '', ...rest] = path.split('/').filter((part) => part !== '.' && part !== '');
      const isDirectory = 'type' in entry && entry.type === 'Directory';
      leading ??= first;
      if (first !== leading || (rest.length === 0 && !isDirectory)) {
        fault ??= invalid('it needs one leading directory, as GitHub makes it.');
      }
      return fault === undefined;
    },
    onwarn(code, message, data) {
      if (code === 'TAR_ENTRY_INFO' || 'linkpath' in data) return;
      fault ??= code === 'ENOSPC' ? diskFull() : invalid(`${String(message)}.`);
    },
  });
  await pipeline(archive, extraction, { signal });
  if (fault !== undefined) throw fault;
  if (leading === undefined) throw invalid('it is empty.');
}

function archiveFailure(error: unknown): RunnerError {
  if (error instanceof RunnerError) return error;
  if (error instanceof HttpFailure) return downloadFailure(error);
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOSPC') return diskFull();
  if (code === 'ENOENT')
    return new RunnerError('repository_not_found', 'The archive of the commit is not there.', error);
  return invalid(`${errorText(error)}.`, error);
}

function downloadFailure(failure: HttpFailure): RunnerError {
  if (failure.status === 401 || failure.status === 403) {
    return new RunnerError(
      'authentication_refused',
      `The archive of the commit was refused: its URL may have expired, or the token may not read it. ${failure.message}`,
      failure,
    );
  }
  if (failure.status === 404 || failure.status === 410) {
    return new RunnerError(
      'repository_not_found',
      `The archive of the commit is not there. ${failure.message}`,
      failure,
    );
  }
  return new RunnerError(
    'source_unreachable',
    `The archive could not be downloaded. ${failure.message}`,
    failure,
  );
}

function invalid(reason: string, cause?: unknown): RunnerError {
  return new RunnerError('archive_invalid', `The archive of the commit cannot be used: ${reason}`, cause);
}

function diskFull(): RunnerError {
  return new RunnerError(
    'disk_full',
    'There was no room on the disk for the checkout: give the task more disk.',
  );
}
