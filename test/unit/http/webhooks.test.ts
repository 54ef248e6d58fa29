import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import { webhookRoutes } from '../../../app/http/routes/webhooks.ts';
import type { ArrivedDelivery } from '../../../app/ports/store.ts';

const sign = (body: string) => `sha256=${createHmac('sha256', 'secret').update(body).digest('hex')}`;

function routes() {
  const accepted: ArrivedDelivery[] = [];
  let verified = 0;
  const app = webhookRoutes({
    async verify(body, signature) {
      verified += 1;
      // As Octokit's does.
      if (body === '') throw new TypeError('eventPayload required');
      return sign(body) === signature;
    },
    async accept(delivery) {
      accepted.push(delivery);
      return true;
    },
  });
  app.onError((error, c) => c.text(error instanceof BerthError ? error.code : String(error), 400));
  const post = async (body: string | ReadableStream, headers: Record<string, string> = {}) => {
    const init = {
      method: 'POST',
      body,
      headers: { 'x-github-delivery': 'a', 'x-github-event': 'push', ...headers },
      ...(typeof body === 'string' ? {} : { duplex: 'half' }),
    };
    const response = await app.request('/api/github/webhooks', init as RequestInit);
    return response.status === 202 ? 'accepted' : await response.text();
  };
  return { accepted, post, verifications: () => verified };
}

describe('a webhook', () => {
  it('is read as JSON, and as a form, whichever content type the App is set to', async () => {
    const { accepted, post } = routes();
    const json = '{"ref":"refs/heads/ä"}';
    const form = `payload=${encodeURIComponent(json)}`;
    const ofForm = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post(json, { 'x-hub-signature-256': sign(json) })).toBe('accepted');
    expect(await post(form, { ...ofForm, 'x-hub-signature-256': sign(form) })).toBe('accepted');
    expect(accepted.map(({ payload }) => payload)).toEqual([json, json]);
  });

  it.each([
    ['', 'invalid_request'],
    ['hello', 'invalid_json'],
    ['"hello"', 'invalid_json'],
    ['null', 'invalid_json'],
  ])('that is signed but says %j is refused', async (body, code) => {
    expect(await routes().post(body, { 'x-hub-signature-256': sign(body) })).toBe(code);
  });

  it('is not read without a signature, nor beyond its limit', async () => {
    const { post, verifications } = routes();
    let pulled = 0;
    const endless = () =>
      new ReadableStream({
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(1024 * 1024));
        },
      });
    expect(await post(endless())).toBe('signature_invalid');
    expect(pulled).toBeLessThan(3);
    expect(await post(endless(), { 'x-hub-signature-256': sign('') })).toBe('body_too_large');
    expect(pulled).toBeLessThan(40);
    expect(verifications()).toBe(0);
  });

  it('reads large bodies one after another, so that they take a bounded amount of memory', async () => {
    const { post } = routes();
    let reading = 0;
    let mostReading = 0;
    const large = () => {
      let sent = 0;
      return new ReadableStream(
        {
          async pull(controller) {
            sent += 1;
            if (sent === 1) reading += 1;
            mostReading = Math.max(mostReading, reading);
            controller.enqueue(new Uint8Array(1024 * 1024));
            await new Promise(setImmediate);
            if (sent < 20) return;
            reading -= 1;
            controller.close();
          },
        },
        // Nothing is read before the server asks for it.
        { highWaterMark: 0 },
      );
    };
    const headers = { 'x-hub-signature-256': sign('') };
    const answers = await Promise.all(Array.from({ length: 6 }, () => post(large(), headers)));
    expect(new Set(answers)).toEqual(new Set(['signature_invalid']));
    expect(mostReading).toBeLessThanOrEqual(2);
  });
});
