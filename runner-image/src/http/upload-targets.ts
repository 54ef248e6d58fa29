import { type Job, jobRenewalSchema } from '../../../app/core/model/job.ts';
import { attemptsOverRestart, HttpFailure, httpRequest, type RequestBody, readBody } from './http-request.ts';
import { type PutOptions, putTarget } from './put-target.ts';

/** Where the runner uploads to, kept fresh: signed URLs end with the credentials that signed them. */
export interface UploadTargets {
  current(): Job['uploads'];
  /**
   * Reads fresh targets when the present ones may have expired.
   *
   * @throws HttpFailure, or what is wrong with the answer; the present targets are kept then.
   */
  renew(signal: AbortSignal): Promise<void>;
  /**
   * Puts content to a target; where that is refused, as it is when a URL's time is over, once more to a fresh one.
   *
   * @throws OverLimit, HttpFailure, or what the file system says.
   */
  put(name: keyof Job['uploads'], body: RequestBody, options: PutOptions): Promise<void>;
}

/** Roles that are passed from one service to another give credentials for an hour at most. */
const renewAfterMs = 30 * 60 * 1000;
const maxRenewalBytes = 1024 * 1024;

/**
 * @param now in milliseconds
 */
export function createUploadTargets(
  job: Pick<Job, 'uploads' | 'renewUrl'>,
  now: () => number,
): UploadTargets {
  let { uploads, renewUrl } = job;
  let receivedAt = now();
  let renewing: Promise<void> | undefined;

  async function read(url: string, signal: AbortSignal | undefined): Promise<void> {
    const body = await httpRequest(
      { method: 'GET', url, attempts: attemptsOverRestart, ...(signal === undefined ? {} : { signal }) },
      (response) => readBody(response, maxRenewalBytes),
    );
    const renewal = jobRenewalSchema.parse(JSON.parse(body.toString('utf8')));
    uploads = renewal.uploads;
    renewUrl = renewal.renewUrl;
    receivedAt = now();
  }

  /** Uploads that are refused at the same time ask once. */
  function readOnce(url: string, signal: AbortSignal | undefined): Promise<void> {
    renewing ??= read(url, signal).finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  return {
    current: () => uploads,
    async renew(signal) {
      if (renewUrl !== undefined && now() - receivedAt >= renewAfterMs) await readOnce(renewUrl, signal);
    },
    async put(name, body, options) {
      const target = uploads[name];
      try {
        await putTarget(target, body, options);
      } catch (error) {
        if (!isRefused(error) || renewUrl === undefined) throw error;
        // Another upload may have fetched fresh ones meanwhile.
        if (uploads[name].url === target.url) await readOnce(renewUrl, options.signal);
        await putTarget(uploads[name], body, options);
      }
    },
  };
}

/**
 * What S3 says of a URL whose time is over (403), or whose credentials have ended (400, `ExpiredToken`), and Berth of one
 * of its own (403). The texts differ; asking for fresh ones in vain costs one call.
 */
function isRefused(error: unknown): boolean {
  return error instanceof HttpFailure && [400, 401, 403].includes(error.status);
}
