import { createHmac } from 'node:crypto';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { type DeliverDeps, deliver } from './deliver.ts';
import { eventDetail } from './event-detail.ts';

/**
 * {@link Events} as signed webhooks. Each is a POST of `{id, type, time, detail}` with the headers `X-Berth-Event`,
 * `X-Berth-Delivery` (the same for every try) and `X-Berth-Signature-256`, made like GitHub's: `sha256=` and the HMAC
 * of the body's bytes in hexadecimal digits.
 */
export function webhookEvents(
  deps: DeliverDeps & { readonly url: string; readonly secret: string; readonly clock: Clock },
): Events {
  const { url, secret, clock, ids } = deps;
  return {
    async publish(event) {
      const id = ids.unique();
      const time = clock.now().toISOString();
      const body = JSON.stringify({ id, type: event.type, time, detail: eventDetail(event) });
      const headers = {
        'x-berth-event': event.type,
        'x-berth-delivery': id,
        'x-berth-signature-256': signatureOf(body, secret),
      };
      await deliver(deps, { url, headers, body, facts: { event: event.type, delivery: id } });
    },
  };
}

/** Computes the value of `X-Berth-Signature-256`, which the receiver compares. */
export function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}
