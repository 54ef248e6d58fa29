import { type Job, jobRenewalSchema } from '../../../app/domain/job.ts';
import { httpRequest, readBody } from './http-request.ts';

/** Where the runner uploads to, kept fresh: signed URLs end with the credentials that signed them. */
export interface UploadTargets {
  current(): Job['uploads'];
  /**
   * Reads fresh targets when the present ones may have expired.
   *
   * @throws HttpFailure, or what is wrong with the answer; the present targets are kept then.
   */
  renew(signal: AbortSignal): Promise<void>;
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

  return {
    current: () => uploads,
    async renew(signal) {
      if (renewUrl === undefined || now() - receivedAt < renewAfterMs) return;
      const body = await httpRequest({ method: 'GET', url: renewUrl, signal }, (response) =>
        readBody(response, maxRenewalBytes),
      );
      const renewal = jobRenewalSchema.parse(JSON.parse(body.toString('utf8')));
      uploads = renewal.uploads;
      renewUrl = renewal.renewUrl;
      receivedAt = now();
    },
  };
}
