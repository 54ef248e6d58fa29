import { describe, expect, it } from '@jest/globals';
import { streamOf } from '../../../app/http/stream-of.ts';
import type { Logger } from '../../../app/ports/logger.ts';

function recordingLog(): { log: Logger; messages: unknown[] } {
  const messages: unknown[] = [];
  const record = (...parts: unknown[]): void => void messages.push(parts);
  return { log: { info: record, warn: record, error: record }, messages };
}

describe('streamOf', () => {
  it('ends quietly when the reader leaves while the next piece is awaited', async () => {
    const { log, messages } = recordingLog();
    let isAwaited = (): void => undefined;
    const awaited = new Promise<void>((resolve) => {
      isAwaited = resolve;
    });
    const stream = streamOf(async function* (signal) {
      yield new Uint8Array([1]);
      isAwaited();
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    }, log);
    const reader = stream.getReader();
    expect((await reader.read()).value).toEqual(new Uint8Array([1]));
    const waiting = reader.read();
    await awaited;
    await reader.cancel();
    expect((await waiting).done).toBe(true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(messages).toEqual([]);
  });

  it('breaks the connection, and logs, when making a piece fails', async () => {
    const { log, messages } = recordingLog();
    // biome-ignore lint/correctness/useYield: it fails before the first piece.
    const stream = streamOf(async function* () {
      throw new Error('broken');
    }, log);
    await expect(stream.getReader().read()).rejects.toThrow('broken');
    expect(messages).toHaveLength(1);
  });
});
