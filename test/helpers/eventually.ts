import { setTimeout as delay } from 'node:timers/promises';

/**
 * Polls until a value exists.
 *
 * @param what completes the sentence "timed out waiting for …".
 */
export async function eventually<Value>(
  what: string,
  look: () => Promise<Value | undefined | false>,
  timeoutSeconds = 240,
): Promise<Value> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`timed out waiting for ${what} (${timeoutSeconds} s)`);
    await delay(50);
  }
}
