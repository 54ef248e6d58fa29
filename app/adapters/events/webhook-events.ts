import { createHmac } from 'node:crypto';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Logger } from '../../ports/logger.ts';
import { eventDetail } from './event-detail.ts';

const attempts = 4;
const answerLimitMs = 5_000;
const firstWaitMs = 500;

/**
 * {@link Events} as signed webhooks. Each is a POST of `{id, type, time, detail}` with the headers `X-Berth-Event`,
 * `X-Berth-Delivery` (the same for every try) and `X-Berth-Signature-256`, made like GitHub's: `sha256=` and the HMAC
 * of the body's bytes in hexadecimal digits. It is tried four times; then it is logged and given up.
 */
export function webhookEvents(deps: {
  readonly url: string;
  readonly secret: string;
  readonly clock: Clock;
  readonly ids: Pick<Ids, 'unique' | 'random'>;
  readonly log: Logger;
  readonly sleep: (milliseconds: number) => Promise<void>;
}): Events {
  const { url, secret, clock, ids, log, sleep } = deps;
  return {
    publish: async (event) => {
      const id = ids.unique();
      const time = clock.now().toISOString();
      const body = JSON.stringify({ id, type: event.type, time, detail: eventDetail(event) });
      const headers = {
        'content-type': 'application/json',
        'user-agent': 'berth',
        'x-berth-event': event.type,
        'x-berth-delivery': id,
        'x-berth-signature-256': signatureOf(body, secret),
      };
      for (let attempt = 1; ; attempt += 1) {
        const refusal = await post(url, headers, body);
        if (refusal === undefined) return;
        if (refusal.final || attempt === attempts) {
          log.warn(
            { event: event.type, delivery: id, reason: refusal.reason },
            'a webhook could not be delivered',
          );
          return;
        }
        await sleep(Math.floor(ids.random() * firstWaitMs * 2 ** attempt));
      }
    },
  };
}

/** Computes the value of `X-Berth-Signature-256`, which the receiver compares. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

interface Refusal {
  readonly reason: string;
  /** Trying again would change nothing. */
  readonly final: boolean;
}

async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
): Promise<Refusal | undefined> {
  try {
    // Following a redirect would send the signed body to a host that the settings do not name.
    const signal = AbortSignal.timeout(answerLimitMs);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const passing = response.status >= 500 || response.status === 429 || response.status === 408;
    return { reason: `status ${response.status}`, final: !passing };
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error), final: false };
  }
}
