import { Octokit } from '@octokit/rest';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { timeLimitedFetch } from '../../lib/time-limit.ts';
import { retryHint, statusOf } from './rate-gate.ts';

/** Short, because a person waits for the response. */
const requestTimeoutMs = 10_000;

/**
 * Octokit for what a person waits for, outside of Probot. It prints nothing about a failed request: the path may contain
 * a code of GitHub, and who asked reports the failure.
 *
 * @param apiUrl `https://api.github.com`, or `https://<host>/api/v3` of GitHub Enterprise Server.
 * @param token for requests as a person. If omitted, requests are anonymous.
 */
export function plainOctokit(apiUrl: string, token?: string): Octokit {
  const log = { debug() {}, info() {}, warn: console.warn, error() {} };
  return new Octokit(
    omitUndefined({
      baseUrl: apiUrl,
      request: { fetch: timeLimitedFetch(requestTimeoutMs) },
      auth: token,
      log,
    }),
  );
}

/**
 * Distinguishes a refusal from an outage of GitHub.
 *
 * @param unavailable what GitHub does not do at the moment, as a sentence.
 * @throws BerthError `github_unavailable`, or what `refused` returns.
 */
export async function askGithub<Answer>(
  call: () => Promise<Answer>,
  unavailable: string,
  refused: (cause: Error) => BerthError,
): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    // Octokit's error contains the request, and with it secrets: only its text may be logged.
    const cause = new Error(error instanceof Error ? error.message : String(error));
    if (isOutage(error)) {
      throw new BerthError('github_unavailable', unavailable, { cause, hint: 'Try again in a minute.' });
    }
    throw refused(cause);
  }
}

/** If an error says nothing about the request: GitHub did not answer, failed, or asks to wait. */
export function isOutage(error: unknown): boolean {
  const status = statusOf(error);
  return status === undefined || status >= 500 || retryHint(error, new Date()) !== undefined;
}
