import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { webhookPath } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';
import type { ArrivedDelivery } from '../../github/deliveries/accept-delivery.ts';

export interface WebhookDeps {
  /** Whether the secret of the App signed this body. */
  readonly verify: (body: string, signature: string) => Promise<boolean>;
  /** Remembers an event. @returns false where it was known already, or nothing would follow from it. */
  readonly accept: (delivery: ArrivedDelivery) => Promise<boolean>;
  /** Notifies that a delivery is stored. The notification may be lost: the sweep finds the delivery too. */
  readonly arrived: (id: string) => void;
}

/** GitHub sends no event that is larger: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap */
const maxBodyBytes = 25 * 1024 * 1024;

/**
 * Takes GitHub's events: verified, remembered once, and answered. The work comes afterwards, so that an answer never
 * takes as long as GitHub is willing to wait.
 *
 * @returns routes to be mounted at the root.
 */
export function webhookRoutes({ verify, accept, arrived }: WebhookDeps): Hono {
  const app = new Hono();
  const limit = bodyLimit({
    maxSize: maxBodyBytes,
    onError: () => {
      throw new BerthError('body_too_large', 'A webhook has at most 25 MB.');
    },
  });
  app.post(webhookPath, limit, async (c) => {
    const id = c.req.header('x-github-delivery') ?? '';
    const name = c.req.header('x-github-event') ?? '';
    const signature = c.req.header('x-hub-signature-256') ?? '';
    if (!/^[\w.-]{1,100}$/.test(id) || !/^\w{1,100}$/.test(name)) {
      throw new BerthError(
        'invalid_request',
        'This is no webhook of GitHub: X-GitHub-Delivery and X-GitHub-Event say what it is.',
      );
    }
    const payload = await c.req.text();
    // Before anything is read out of it: an unsigned body is a stranger's.
    if (signature === '' || !(await verify(payload, signature))) {
      throw new BerthError('signature_invalid', 'The signature of this webhook is not that of the App.', {
        hint: 'The webhook secret in the settings of the App and WEBHOOK_SECRET have to be the same.',
      });
    }
    const isNew = await accept({ id, name, payload });
    if (isNew) arrived(id);
    return c.json({ accepted: isNew }, 202);
  });
  return app;
}
