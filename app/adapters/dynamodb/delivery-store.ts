import { z } from 'zod';
import type { Delivery, DeliveryStore } from '../../ports/store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { deliveryKey, dueShards, idOf, timeKey } from './keys.ts';
import { listDue } from './list-due.ts';
import { parseItem, storedDate } from './parse-item.ts';

/** Ten times as long as GitHub keeps an event. The comparison of the repository finds what it was about. */
const mostSeconds = 30 * 24 * 3600;

const deliveryItemSchema: z.ZodType<Delivery> = z.object({
  id: z.string(),
  name: z.string(),
  receivedAt: storedDate,
  dueAt: storedDate,
  payload: z.string().exactOptional(),
  payloadKey: z.string().exactOptional(),
  attempts: z.number().int().nonnegative(),
});

/** Events from outside: an item each, in the index `due` until they are handled. */
export function createDeliveryStore(table: DynamoTable): DeliveryStore {
  return {
    async record(delivery) {
      // DynamoDB removes expired items some time later, and the embedded store never does.
      const condition = {
        when: 'attribute_not_exists(#pk) OR #forgetAt <= :now',
        values: { ':now': delivery.receivedAt },
      };
      return table.put(
        {
          ...deliveryKey(delivery.id),
          ...delivery,
          dueShard: dueShards.deliveries,
          dueKey: timeKey(delivery.dueAt, delivery.id),
          // One that is never handled, because the App was removed from the configuration, must not stay.
          ttl: Math.ceil(delivery.receivedAt.getTime() / 1000) + mostSeconds,
        },
        condition,
      );
    },

    async get(id) {
      const item = await table.get(deliveryKey(id));
      return item === undefined ? undefined : parseItem(deliveryItemSchema, item);
    },

    async due(now, limit) {
      const items = await listDue(table, dueShards.deliveries, now, limit);
      return items.map((item) => idOf(String(item.pk)));
    },

    async done(id, forgetAt) {
      const set = {
        forgetAt,
        ttl: Math.ceil(forgetAt.getTime() / 1000),
        payload: undefined,
        dueShard: undefined,
        dueKey: undefined,
      };
      await table.updateIf(deliveryKey(id), { set }, { when: 'attribute_exists(#pk)' });
    },

    async begin({ id, attempts }, dueAt) {
      const change = {
        set: { dueAt, dueKey: timeKey(dueAt, id) },
        add: { attempts: 1 },
      };
      const written = await table.updateIf(deliveryKey(id), change, {
        when: 'attribute_exists(#dueKey) AND #attempts = :seen',
        values: { ':seen': attempts },
      });
      // A repeated write may have succeeded. Two parallel attempts do no harm; no attempt would.
      return written.done || written.retried;
    },

    async postpone(id, dueAt, reason, { isWaiting } = { isWaiting: false }) {
      const set = { dueAt, dueKey: timeKey(dueAt, id), lastError: reason };
      const open = { when: 'attribute_exists(#dueKey)' };
      await table.updateIf(deliveryKey(id), isWaiting ? { set, add: { attempts: -1 } } : { set }, open);
    },
  };
}
