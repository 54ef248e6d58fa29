import { isHandled, isLevel } from '../events/handled-events.ts';
import { type ArrivedDelivery, acceptDelivery } from './accept-delivery.ts';
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
