import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../../app/core/model/errors.ts';
import { acceptDelivery } from '../../../../app/github/deliveries/accept-delivery.ts';
import { handleDelivery } from '../../../../app/github/deliveries/handle-delivery.ts';
import { world } from '../../../helpers/memory-deps.ts';

const event = { id: 'd-1', name: 'push', payload: '{}' };

async function accepted() {
  const w = world();
  await acceptDelivery(w.deps, event);
  const isDue = async () => (await w.deps.store.deliveries.due(w.clock.now(), 10)).includes(event.id);
  const attempts = async () => (await w.deps.store.deliveries.get(event.id))?.attempts;
  return { ...w, isDue, attempts };
}

describe('an event that is handled', () => {
  it('has its attempt counted before it begins', async () => {
    const w = await accepted();
    const seen: (number | undefined)[] = [];
    await handleDelivery({ ...w.deps, dispatch: async () => void seen.push(await w.attempts()) }, event.id);
    expect(seen).toEqual([1]);
  });

  it('is given up when it ended the process fifteen times, and not begun again at the next start', async () => {
    const w = await accepted();
    let begun = 0;
    for (let start = 0; start < 20; start += 1) {
      w.clock.advance(1_000);
      if (!(await w.isDue())) break;
      const dispatch = (): Promise<void> => {
        begun += 1;
        // The process ends here: nothing that follows in it takes place.
        return new Promise(() => {});
      };
      void handleDelivery({ ...w.deps, dispatch }, event.id);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(begun).toBe(15);
    expect(await w.isDue()).toBe(false);
  });

  it('waits while the project has too many active runs, however long that takes', async () => {
    const w = await accepted();
    let isFull = true;
    const dispatch = async (): Promise<void> => {
      if (isFull) throw new BerthError('too_many_runs', 'The project has 1000 active runs.');
    };
    for (let start = 0; start < 20; start += 1) {
      await handleDelivery({ ...w.deps, dispatch }, event.id);
      w.clock.advance(60);
      expect(await w.isDue()).toBe(true);
    }
    isFull = false;
    await handleDelivery({ ...w.deps, dispatch }, event.id);
    expect(await w.isDue()).toBe(false);
  });

  it('is not begun twice by two who look at the same time', async () => {
    const w = await accepted();
    let begun = 0;
    const dispatch = async (): Promise<void> => {
      begun += 1;
    };
    const deps = { ...w.deps, dispatch };
    await Promise.all([handleDelivery(deps, event.id), handleDelivery(deps, event.id)]);
    expect(begun).toBe(1);
  });
});
