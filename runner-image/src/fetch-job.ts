import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Job, jobSchema } from '../../app/core/model/job.ts';
import { attemptsOverRestart, httpRequest, readBody } from './http/http-request.ts';
import { errorText, RunnerError } from './runner-error.ts';

/** A document that is not a job for this runner. It may still name the address for the result. */
export class RejectedJob extends RunnerError {
  readonly document: unknown;

  constructor(code: 'job_version' | 'job_unreadable', message: string, document: unknown) {
    super(code, message);
    this.document = document;
  }
}

const maxJobBytes = 10 * 1024 * 1024;

/**
 * Reads and checks the job document.
 *
 * @param url from `BERTH_JOB_URL`: `http:`, `https:`, `http+unix:` or `file:`.
 * @throws RunnerError `job_unreadable` or `job_version`
 */
export async function fetchJob(url: string | undefined, signal: AbortSignal): Promise<Job> {
  if (url === undefined || url === '') {
    throw new RunnerError(
      'job_unreadable',
      'BERTH_JOB_URL is not set. Start the runner through an executor.',
    );
  }
  const document = await readDocument(url, signal);
  const version = documentVersion(document);
  if (version !== 1) {
    throw new RejectedJob(
      'job_version',
      `This runner reads jobs of version 1, and the job has version ${JSON.stringify(version)}. Use the runner image of your Berth version.`,
      document,
    );
  }
  const parsed = jobSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  // Only paths: the validator's messages may quote values, and values may be secret.
  const places = parsed.error.issues.map((issue) => issue.path.join('.') || '(the document)');
  throw new RejectedJob(
    'job_unreadable',
    `The job is not valid at: ${[...new Set(places)].join(', ')}.`,
    document,
  );
}

async function readDocument(url: string, signal: AbortSignal): Promise<unknown> {
  try {
    const text = await readText(url, signal);
    return JSON.parse(text);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof SyntaxError ? 'it is not JSON.' : errorText(error);
    throw new RunnerError('job_unreadable', `The job could not be read: ${reason}`, error);
  }
}

async function readText(url: string, signal: AbortSignal): Promise<string> {
  if (url.startsWith('file:')) return readFile(fileURLToPath(url), 'utf8');
  // Berth may be restarting when the task starts.
  const request = { method: 'GET', url, signal, attempts: attemptsOverRestart } as const;
  const bytes = await httpRequest(request, (response) => readBody(response, maxJobBytes));
  return bytes.toString('utf8');
}

function documentVersion(document: unknown): unknown {
  return typeof document === 'object' && document !== null && 'version' in document
    ? document.version
    : undefined;
}
