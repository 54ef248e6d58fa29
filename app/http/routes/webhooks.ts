import { Hono } from 'hono';
import { webhookPath } from '../../core/model/app-manifest.ts';
import { BerthError } from '../../core/model/errors.ts';
import { limitedRoom, NoRoomError } from '../../lib/limited-room.ts';
import { TimeLimitError, withTimeLimit } from '../../lib/time-limit.ts';
import type { ArrivedDelivery } from '../../ports/store.ts';
import { readBody } from '../read-body.ts';

export interface WebhookDeps {
  /** Whether the secret of the App signed this body. */
  readonly verify: (body: string, signature: string) => Promise<boolean>;
  /** Takes an event, so that it cannot be lost. @returns false if it is already known, or has no effect. */
  readonly accept: (delivery: ArrivedDelivery) => Promise<boolean>;
}

/** GitHub sends no event that is larger: https://docs.github.com/webhooks/webhook-events-and-payloads#payload-cap */
const maxBodyBytes = 25 * 1024 * 1024;
/** The number of parallel bodies before verification: GitHub's have a few kilobytes, and GitHub waits ten seconds. */
const room = { size: 2 * maxBodyBytes, waitMs: 8_000, mostWaiting: 200 };
const readSeconds = 10;

/**
 * Receives GitHub's events: verifies them, stores each once, and answers. The work comes afterwards, so that an answer never
 * exceeds the time that GitHub waits.
 *
 * @returns routes to be mounted at the root.
 */
export function webhookRoutes({ verify, accept }: WebhookDeps): Hono {
  const app = new Hono();
  const inRoom = limitedRoom(room);
  app.post(webhookPath, async (c) => {
    const id = c.req.header('x-github-delivery') ?? '';
    const name = c.req.header('x-github-event') ?? '';
    const signature = c.req.header('x-hub-signature-256') ?? '';
    if (!/^[\w.-]{1,100}$/.test(id) || !/^\w{1,100}$/.test(name)) {
      throw new BerthError(
        'invalid_request',
        'This is not a GitHub webhook: it must have X-GitHub-Delivery and X-GitHub-Event.',
      );
    }
    // Before the body is read, and before anything in it is trusted.
    if (!/^sha256=[0-9a-f]{64}$/i.test(signature)) throw wrongSignature();
    const isNew = await inRoom(sizeOf(c.req.header('content-length')), async () => {
      const body = await withTimeLimit(readSeconds, () => readBody(c.req.raw, maxBodyBytes));
      // Octokit's verification throws for it.
      if (body === '') throw noPayload();
      if (!(await verify(body, signature))) throw wrongSignature();
      return accept({ id, name, payload: payloadOf(body, c.req.header('content-type') ?? '') });
    }).catch(asAnswer);
    return c.json({ accepted: isNew }, 202);
  });
  return app;
}

/** A body of unknown length counts as the longest. */
function sizeOf(contentLength: string | undefined): number {
  const size = Number(contentLength ?? maxBodyBytes);
  return Number.isSafeInteger(size) && size >= 0 ? Math.min(size, maxBodyBytes) : maxBodyBytes;
}

function asAnswer(error: unknown): never {
  if (!(error instanceof NoRoomError || error instanceof TimeLimitError)) throw error;
  throw new BerthError('rate_limited', 'Too many webhooks are being received.', {
    cause: error,
    hint: 'Send it again later.',
  });
}

function wrongSignature(): BerthError {
  return new BerthError('signature_invalid', 'The signature of this webhook is not that of the App.', {
    hint: 'The webhook secret in the settings of the App and WEBHOOK_SECRET must be the same.',
  });
}

function noPayload(): BerthError {
  return new BerthError('invalid_request', 'The webhook has no payload.');
}

/** The event as JSON: the body itself, or the field `payload` of a form, as the content type in the App's settings says. */
function payloadOf(body: string, contentType: string): string {
  const isForm = contentType.toLowerCase().startsWith('application/x-www-form-urlencoded');
  const payload = isForm ? (new URLSearchParams(body).get('payload') ?? '') : body;
  if (payload === '') throw noPayload();
  try {
    const parsed: unknown = JSON.parse(payload);
    if (typeof parsed === 'object' && parsed !== null) return payload;
  } catch {
    // The error below does not quote the body.
  }
  throw new BerthError('invalid_json', 'The payload of the webhook is not a JSON object.');
}
