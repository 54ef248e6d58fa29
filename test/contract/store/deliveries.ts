import { describe, expect, it } from '@jest/globals';
import type { Store } from '../../../app/ports/store.ts';
import { atOnce, minute, newDelivery } from './samples.ts';

/** Events from outside. */
export function deliveriesContract(store: () => Store): void {
  const isDue = async (id: string, now: Date): Promise<boolean> =>
    (await store().deliveries.due(now, 1000)).includes(id);

  describe('a delivery', () => {
    it('that has to wait by a hint has not had an attempt', async () => {
      const delivery = newDelivery();
      await store().deliveries.record(delivery);
      await store().deliveries.begin(delivery, minute(2));
      await store().deliveries.postpone(delivery.id, minute(3), 'GitHub asked to wait', { isWaiting: true });
      expect(await store().deliveries.get(delivery.id)).toMatchObject({ attempts: 0, dueAt: minute(3) });
    });

    it('is stored once, however often it arrives', async () => {
      const delivery = newDelivery();
      const answers = await atOnce(10, () => store().deliveries.record(delivery));
      expect(answers.filter((isNew) => isNew)).toHaveLength(1);
      expect(await store().deliveries.get(delivery.id)).toEqual(delivery);
    });

    it('that was never sent is unknown', async () => {
      expect(await store().deliveries.get(newDelivery().id)).toBeUndefined();
    });

    it('may have its payload in the object store', async () => {
      const { payload: _, ...rest } = newDelivery();
      const delivery = { ...rest, payloadKey: 'deliveries/1.json' };
      await store().deliveries.record(delivery);
      expect(await store().deliveries.get(delivery.id)).toEqual(delivery);
    });

    it('is due until it is processed, and known for its retention time', async () => {
      const delivery = newDelivery({ dueAt: minute(2) });
      await store().deliveries.record(delivery);
      expect(await isDue(delivery.id, minute(1))).toBe(false);
      expect(await isDue(delivery.id, minute(2))).toBe(true);
      await store().deliveries.done(delivery.id, minute(60));
      expect(await isDue(delivery.id, minute(9))).toBe(false);
      expect(await store().deliveries.record({ ...delivery, receivedAt: minute(59) })).toBe(false);
      expect(await store().deliveries.record({ ...delivery, receivedAt: minute(61) })).toBe(true);
    });

    it('counts an attempt before it starts, and allows one process to make it', async () => {
      const delivery = newDelivery({ dueAt: minute(2) });
      await store().deliveries.record(delivery);
      const answers = await atOnce(5, () => store().deliveries.begin(delivery, minute(4)));
      expect(answers.filter((isMine) => isMine)).toHaveLength(1);
      const begun = { ...delivery, dueAt: minute(4), attempts: 1 };
      expect(await store().deliveries.get(delivery.id)).toEqual(begun);
      expect(await isDue(delivery.id, minute(3))).toBe(false);
      expect(await store().deliveries.begin(begun, minute(6))).toBe(true);
      await store().deliveries.done(delivery.id, minute(60));
      expect(await store().deliveries.begin({ ...begun, attempts: 2 }, minute(9))).toBe(false);
    });

    it('that failed is due again later', async () => {
      const delivery = newDelivery({ dueAt: minute(2) });
      await store().deliveries.record(delivery);
      await store().deliveries.begin(delivery, minute(3));
      await store().deliveries.postpone(delivery.id, minute(7), 'GitHub answered 502');
      expect(await isDue(delivery.id, minute(6))).toBe(false);
      expect(await isDue(delivery.id, minute(7))).toBe(true);
      expect(await store().deliveries.get(delivery.id)).toEqual({
        ...delivery,
        dueAt: minute(7),
        attempts: 1,
      });
    });

    it('that was processed does not become due again after a late failure', async () => {
      const delivery = newDelivery();
      await store().deliveries.record(delivery);
      await store().deliveries.done(delivery.id, minute(60));
      await store().deliveries.postpone(delivery.id, minute(2), 'too late');
      expect(await isDue(delivery.id, minute(9))).toBe(false);
    });

    it('that is unknown can be ended or postponed without effect', async () => {
      const { id } = newDelivery();
      await store().deliveries.done(id, minute(5));
      await store().deliveries.postpone(id, minute(5), 'none');
      expect(await isDue(id, minute(9))).toBe(false);
      expect(await store().deliveries.record(newDelivery({ id }))).toBe(true);
    });
  });
}
