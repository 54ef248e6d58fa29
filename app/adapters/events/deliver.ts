import { networkFailure } from '../../lib/network-failure.ts';
import { retryAfterMs } from '../../lib/retry-after.ts';
import type { Ids } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import { AddressRefused, postChecked, type Resolve } from './post-checked.ts';

const attempts = 4;
const answerLimitMs = 5_000;
const firstWaitMs = 500;

export interface DeliverDeps {
  readonly ids: Pick<Ids, 'unique' | 'random'>;
  readonly log: Logger;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** How long a receiver may defer the next attempt with `Retry-After`, in milliseconds. */
  readonly longestWaitMs: number;
  /** Default: the resolver of the system. */
  readonly resolve?: Resolve;
}

export interface DeliveryRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Names the message in the log, which never has the URL: that of Slack is a secret. */
  readonly facts: object;
}

/** Posts a message to a receiver. After four failed attempts it is logged and dropped. Never throws. */
export async function deliver(
  { ids, log, sleep, resolve, longestWaitMs }: DeliverDeps,
  request: DeliveryRequest,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const refusal = await post(request, resolve);
    if (refusal === undefined) return;
    if (refusal.final || attempt === attempts) {
      log.warn({ ...request.facts, reason: refusal.reason }, 'a webhook could not be delivered');
      return;
    }
    const backoffMs = Math.floor(ids.random() * firstWaitMs * 2 ** attempt);
    await sleep(Math.min(Math.max(backoffMs, refusal.retryAfterMs ?? 0), longestWaitMs));
  }
}

interface Refusal {
  readonly reason: string;
  /** Statuses for which a retry is useless. */
  readonly final: boolean;
  readonly retryAfterMs?: number | undefined;
}

async function post(
  { url, headers, body }: DeliveryRequest,
  resolve?: Resolve,
): Promise<Refusal | undefined> {
  const signal = AbortSignal.timeout(answerLimitMs);
  try {
    const all = { 'content-type': 'application/json', 'user-agent': 'berth', ...headers };
    const { status, retryAfter } = await postChecked(url, { headers: all, body, signal, resolve });
    if (status >= 200 && status < 300) return undefined;
    const passing = status >= 500 || status === 429 || status === 408;
    return {
      reason: `status ${status}`,
      final: !passing,
      retryAfterMs: retryAfterMs(retryAfter, Date.now()),
    };
  } catch (error) {
    const reason = signal.aborted ? `no answer within ${answerLimitMs / 1000} s` : failureOf(error);
    return { reason, final: error instanceof AddressRefused };
  }
}

/** A name with several addresses fails with an error whose message is empty. */
function failureOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const known = networkFailure(error);
  if (known === undefined) return text;
  return text === '' ? known : `${known} (${text})`;
}
