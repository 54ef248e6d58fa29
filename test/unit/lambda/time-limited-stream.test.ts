import type { UnderlyingSource } from 'node:stream/web';
import { describe, expect, it } from '@jest/globals';
import { timeLimitedStream } from '../../../app/lambda/time-limited-stream.ts';

const stream = (source: UnderlyingSource<Uint8Array>, type = 'text/event-stream; charset=utf-8') =>
  new Response(new ReadableStream(source), { headers: { 'content-type': type } });
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a stream of events from a function', () => {
  it('ends when its source ends', async () => {
    const whole = stream({
      start(controller) {
        controller.enqueue(bytes('data: 1\n\n'));
        controller.close();
      },
    });
    expect(await timeLimitedStream(whole, 60_000).text()).toBe('data: 1\n\n');
  });

  it('is cut off after a time limit, and its source is notified', async () => {
    let cancelled: (() => void) | undefined;
    const learnt = new Promise<void>((resolve) => {
      cancelled = resolve;
    });
    const endless = stream({
      start: (controller) => controller.enqueue(bytes('data: 1\n\n')),
      cancel: () => cancelled?.(),
    });
    expect(await timeLimitedStream(endless, 10).text()).toBe('data: 1\n\n');
    await learnt;
  });

  it('does not affect other responses', () => {
    const page = stream({}, 'text/html');
    expect(timeLimitedStream(page, 1)).toBe(page);
  });
});
