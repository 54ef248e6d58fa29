import type { Deps } from '../../core/deps.ts';
import { later } from '../../lib/later.ts';
import { byteLength } from '../../lib/markdown.ts';
import type { ArrivedDelivery } from '../../ports/store.ts';
import { isHandled, isLevel } from '../events/handled-events.ts';
import type { DeliveryQueue } from './delivery-queue.ts';

/**
 * Takes a verified event, so that it cannot be lost: into the queue if the queue keeps it, and into the store otherwise.
 *
 * @returns false if it is already known, or has no effect.
 */
export async function receiveEvent(
  deps: Parameters<typeof acceptDelivery>[0],
  queue: Pick<DeliveryQueue, 'take' | 'arrived'>,
  event: ArrivedDelivery,
): Promise<boolean> {
  if (!isHandled(event)) return false;
  if (isLevel(event) && (await queue.take?.(event)) === true) return true;
  const isNew = await acceptDelivery(deps, event);
  // The notification may be lost: the sweep finds the event too.
  if (isNew) queue.arrived(event.id);
  return isNew;
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
