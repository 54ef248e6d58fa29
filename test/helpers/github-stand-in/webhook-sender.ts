import { randomUUID } from 'node:crypto';
import { type AppIdentity, signWebhook } from './app-identity.ts';
import type { DeliveryState, GithubState } from './state.ts';

export interface WebhookSender {
  /**
   * Signs and sends an event to where the App listens, and remembers how that went.
   *
   * @param options.guid the delivery's id; absent: a new one.
   */
  send(
    event: string,
    payload: Readonly<Record<string, unknown>>,
    options?: { guid?: string },
  ): Promise<DeliveryState>;
  /** Sends a delivery again, with the same ID and body. */
  redeliver(delivery: DeliveryState): Promise<void>;
  /** Resolves when nothing that was sent is still without an answer. */
  settled(): Promise<void>;
}

export function createWebhookSender(ground: {
  state: GithubState;
  identity: AppIdentity;
  nextId(): number;
}): WebhookSender {
  const { state, identity } = ground;
  const underWay = new Set<Promise<unknown>>();

  const attempt = async (delivery: DeliveryState): Promise<void> => {
    state.deliveries.push(delivery);
    if (state.webhookUrl === undefined) return;
    const began = performance.now();
    try {
      const response = await state.sendWebhook(state.webhookUrl, {
        method: 'POST',
        headers: webhookHeaders(delivery, identity.webhookSecret),
        body: delivery.body,
        // GitHub waits ten seconds for an answer, of servers on machines that do nothing else.
        signal: AbortSignal.timeout(120_000),
      });
      delivery.statusCode = response.status;
      await response.arrayBuffer();
    } catch {
      // No response: the delivery has status 0, as on GitHub.
      delivery.statusCode = 0;
    }
    delivery.durationSeconds = (performance.now() - began) / 1000;
  };

  const tracked = async (delivery: DeliveryState): Promise<DeliveryState> => {
    const work = attempt(delivery);
    underWay.add(work);
    await work.finally(() => underWay.delete(work));
    return delivery;
  };

  return {
    send(event, payload, options = {}) {
      const action = typeof payload.action === 'string' ? payload.action : null;
      return tracked({
        id: ground.nextId(),
        guid: options.guid ?? randomUUID(),
        event,
        action,
        body: JSON.stringify(payload),
        deliveredAt: new Date(),
        redelivery: false,
        statusCode: 0,
        durationSeconds: 0,
      });
    },
    async redeliver(delivery) {
      await tracked({
        ...delivery,
        id: ground.nextId(),
        deliveredAt: new Date(),
        redelivery: true,
        statusCode: 0,
      });
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
  };
}

function webhookHeaders(delivery: DeliveryState, secret: string): Record<string, string> {
  return {
    'content-type': 'application/json',
    'user-agent': 'GitHub-Hookshot/0000000',
    'x-github-delivery': delivery.guid,
    'x-github-event': delivery.event,
    'x-hub-signature-256': signWebhook(delivery.body, secret),
  };
}
