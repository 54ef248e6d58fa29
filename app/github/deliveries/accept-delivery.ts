import type { Deps } from '../../core/deps.ts';
import { later } from '../../lib/later.ts';
import { byteLength } from '../../lib/markdown.ts';

/** An event as GitHub sent it, its signature verified. */
export interface ArrivedDelivery {
  /** `X-GitHub-Delivery`: the same for every attempt at the same event. */
  readonly id: string;
  /** `X-GitHub-Event`. */
  readonly name: string;
  /** JSON, unchanged. */
  readonly payload: string;
}

/** The size that fits into one item of the store, with room for the rest; larger payloads are stored as objects. */
const maxInlineBytes = 200_000;

/**
 * Stores an event, once. From then on it cannot be lost: the queue handles it soon, or the sweep later.
 *
 * @returns false if it is already known.
 */
export async function acceptDelivery(
  deps: Pick<Deps, 'store' | 'objects' | 'clock' | 'policy'>,
  { id, name, payload }: ArrivedDelivery,
): Promise<boolean> {
  const now = deps.clock.now();
  // The notified process handles it immediately; the sweep handles what that process did not finish.
  const delivery = { id, name, receivedAt: now, dueAt: later(now, deps.policy.followUpSeconds), attempts: 0 };
  if (byteLength(payload) <= maxInlineBytes) return deps.store.deliveries.record({ ...delivery, payload });
  const payloadKey = `deliveries/${id}.json`;
  await deps.objects.put(payloadKey, payload, 'application/json');
  return deps.store.deliveries.record({ ...delivery, payloadKey });
}
