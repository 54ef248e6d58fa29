import { setTimeout as delay } from 'node:timers/promises';

/**
 * Looks again and again until what is looked for is there.
 *
 * @param what completes the sentence "waited in vain for …".
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
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what} (${timeoutSeconds} s)`);
    await delay(50);
  }
}
