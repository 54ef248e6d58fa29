import { type BerthApi, createBerthApi } from '../app/client/berth-api.ts';
import type { Fetch } from '../app/client/call.ts';
import type { Credentials } from '../app/client/credentials.ts';
import { createRetry, type Retry } from '../app/client/retry.ts';
import type { Host } from './host.ts';

/** How long to retry: before the first answer the address may be wrong, later a run depends on it. */
const patience = { beforeFirstAnswerMs: 2 * 60_000, laterMs: 15 * 60_000 };

export interface ApiOptions {
  readonly apiUrl: string;
  readonly project?: string | undefined;
  readonly credentials: Credentials;
  readonly fetch: Fetch;
  readonly host: Host;
  /** How long to retry. If omitted, two minutes before the first answer, and 15 minutes later. */
  readonly patienceMs?: number | undefined;
}

/** The client of Berth's API, with the patience of a workflow and its retries in the log. */
export function createApi({ apiUrl, project, credentials, fetch, host, patienceMs }: ApiOptions): BerthApi {
  const retry = retryOf(host, patienceMs);
  return createBerthApi({ url: apiUrl, project, credentials, fetch, now: host.now, retry });
}

function retryOf(host: Host, patienceMs: number | undefined): Retry {
  let hasAnswered = false;
  const retry = createRetry({
    now: host.now,
    sleep: host.pause,
    random: host.random,
    pauses: { firstMs: 500, longestMs: 15_000 },
    patienceMs: () => patienceMs ?? (hasAnswered ? patience.laterMs : patience.beforeFirstAnswerMs),
    onWait: (reason, limitMs) =>
      host.info(`Berth does not answer (${reason}). Retrying for ${Math.round(limitMs / 1000)} s.`),
    onAnswer: (waitedMs) => host.info(`Berth answers again after ${Math.round(waitedMs / 1000)} s.`),
  });
  return async (attempt, options) => {
    const answer = await retry(attempt, options);
    hasAnswered = true;
    return answer;
  };
}
