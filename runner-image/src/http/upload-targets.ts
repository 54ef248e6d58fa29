import {
  type Job,
  type JobRenewal,
  jobRenewalSchema,
  type UploadTarget,
} from '../../../app/core/model/job.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import { attemptsOverRestart, HttpFailure, httpRequest, type RequestBody, readBody } from './http-request.ts';
import { type PutOptions, putTarget } from './put-target.ts';

export type UploadName = Exclude<keyof Job['uploads'], 'caches'>;

/** Upload targets that are renewed in time: a signed URL expires with the credentials that signed it. */
export interface UploadTargets {
  current(): Job['uploads'];
  /**
   * Renews the targets if the current ones may have expired.
   *
   * @throws HttpFailure, or an error about the response. The current targets stay in use then.
   */
  renew(signal: AbortSignal): Promise<void>;
  /** Renews the targets now. @returns the rest of what Berth renews. @throws see `renew`. */
  renewal(): Promise<Pick<JobRenewal, 'credentials' | 'credentialsRefused'>>;
  /**
   * Uploads content. If the target refuses it, because its URL has expired, uploads again to a renewed one.
   *
   * @throws OverLimit, HttpFailure, or an error of the file system
   */
  put(name: UploadName, body: RequestBody, options: PutOptions): Promise<void>;
  /** Uploads the archive of a cache, by its index in the job. @throws see `put`. */
  putCache(index: number, body: RequestBody, options: PutOptions): Promise<void>;
}

/** A role that a service assumes through another has credentials for one hour at most. */
const renewAfterMs = 30 * 60 * 1000;
const maxRenewalBytes = 1024 * 1024;

/** @param now in milliseconds */
export function createUploadTargets(
  job: Pick<Job, 'uploads' | 'renewUrl'>,
  now: () => number,
): UploadTargets {
  let { uploads, renewUrl } = job;
  let receivedAt = now();
  let renewing: Promise<JobRenewal> | undefined;

  async function read(url: string, signal: AbortSignal | undefined): Promise<JobRenewal> {
    const body = await httpRequest(
      { method: 'GET', url, attempts: attemptsOverRestart, ...omitUndefined({ signal }) },
      (response) => readBody(response, maxRenewalBytes),
    );
    const renewal = jobRenewalSchema.parse(JSON.parse(body.toString('utf8')));
    uploads = renewal.uploads;
    renewUrl = renewal.renewUrl;
    receivedAt = now();
    return renewal;
  }

  /** Uploads that are refused at the same time share one renewal. */
  function readOnce(url: string, signal: AbortSignal | undefined): Promise<JobRenewal> {
    renewing ??= read(url, signal).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  async function upload(
    select: (all: Job['uploads']) => UploadTarget | undefined,
    body: RequestBody,
    options: PutOptions,
  ): Promise<void> {
    const target = targetOf(select);
    try {
      await putTarget(target, body, options);
    } catch (error) {
      if (!isRefused(error) || renewUrl === undefined) throw error;
      // Another upload may have renewed the targets in the meantime.
      if (targetOf(select).url === target.url) await readOnce(renewUrl, options.signal);
      await putTarget(targetOf(select), body, options);
    }
  }

  function targetOf(select: (all: Job['uploads']) => UploadTarget | undefined): UploadTarget {
    const target = select(uploads);
    if (target === undefined) throw new Error('the job has no URL for it.');
    return target;
  }

  return {
    current: () => uploads,
    async renew(signal) {
      if (renewUrl !== undefined && now() - receivedAt >= renewAfterMs) await readOnce(renewUrl, signal);
    },
    async renewal() {
      return renewUrl === undefined ? {} : readOnce(renewUrl, undefined);
    },
    put: (name, body, options) => upload((all) => all[name], body, options),
    putCache: (index, body, options) => upload(({ caches }) => caches[index], body, options),
  };
}

/**
 * S3 answers 403 for an expired URL and 400 (`ExpiredToken`) for expired credentials, Berth answers 403. The texts differ,
 * and an unnecessary renewal costs one call.
 */
function isRefused(error: unknown): boolean {
  return error instanceof HttpFailure && [400, 401, 403].includes(error.status);
}
