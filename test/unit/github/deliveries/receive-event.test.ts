import { describe, expect, it } from '@jest/globals';
import { TryLater } from '../../../../app/core/model/errors.ts';
import { receiveEvent } from '../../../../app/github/deliveries/accept-delivery.ts';
import { handleDelivery, handleEvent } from '../../../../app/github/deliveries/handle-delivery.ts';
import { world } from '../../../helpers/memory-deps.ts';

const push = { id: 'd-1', name: 'push', payload: '{"ref":"refs/heads/main"}' };
const comment = { id: 'd-2', name: 'issue_comment', payload: '{"action":"created"}' };
const suite = (action: string) => ({
  id: `d-${action}`,
  name: 'check_suite',
  payload: `{"action":"${action}"}`,
});
const star = { id: 'd-3', name: 'star', payload: '{"action":"created"}' };

function scene(takes: boolean) {
  const w = world();
  const [taken, arrived]: [string[], string[]] = [[], []];
  const queue = {
    take: async ({ id }: { id: string }) => (takes ? taken.push(id) > 0 : false),
    arrived: (id: string) => void arrived.push(id),
  };
  const stored = async (id: string) => (await w.deps.store.deliveries.get(id)) !== undefined;
  return {
    ...w,
    taken,
    arrived,
    stored,
    receive: (event: typeof push) => receiveEvent(w.deps, queue, event),
  };
}

describe('an event that arrives', () => {
  it('is only in the queue if it says what to look at, and in the store if it is a command', async () => {
    const w = scene(true);
    expect([await w.receive(push), await w.receive(comment), await w.receive(star)]).toEqual([
      true,
      true,
      false,
    ]);
    expect([w.taken, w.arrived]).toEqual([['d-1'], ['d-2']]);
    for (const action of ['requested', 'rerequested']) await w.receive(suite(action));
    expect([w.taken, w.arrived]).toEqual([
      ['d-1', 'd-requested'],
      ['d-2', 'd-rerequested'],
    ]);
    expect([await w.stored('d-1'), await w.stored('d-2')]).toEqual([false, true]);
  });

  it('is in the store if the queue does not take it', async () => {
    const w = scene(false);
    expect(await w.receive(push)).toBe(true);
    expect([w.arrived, await w.stored('d-1')]).toEqual([['d-1'], true]);
  });
});

describe('an event that is only in the queue', () => {
  const failing = (error: Error) => ({ dispatch: () => Promise.reject(error) });

  it('leaves nothing in the store once it is handled', async () => {
    const w = scene(true);
    const seen: string[] = [];
    await handleEvent({ ...w.deps, dispatch: async ({ payload }) => void seen.push(payload) }, push);
    expect([seen, await w.stored('d-1')]).toEqual([[push.payload], false]);
  });

  it('is stored when it fails, and handled again from there', async () => {
    const w = scene(true);
    await handleEvent({ ...w.deps, ...failing(new Error('broken')) }, push);
    expect(await w.deps.store.deliveries.get('d-1')).toMatchObject({ ...push, attempts: 1 });
    w.clock.advance(2);
    expect(await w.deps.store.deliveries.due(w.clock.now(), 10)).toEqual(['d-1']);
    const seen: string[] = [];
    await handleDelivery({ ...w.deps, dispatch: async ({ payload }) => void seen.push(payload) }, 'd-1');
    expect(seen).toEqual([push.payload]);
  });

  it('waits as long as GitHub asks for, and such a wait does not count', async () => {
    const w = scene(true);
    const at = new Date(w.clock.now().getTime() + 90_000);
    await handleEvent({ ...w.deps, ...failing(new TryLater(at, 'wait')) }, push);
    expect(await w.deps.store.deliveries.get('d-1')).toMatchObject({ attempts: 0, dueAt: at });
  });

  it('stays in the queue if it fails and its ID is in the store already', async () => {
    const w = scene(true);
    const deps = { ...w.deps, ...failing(new Error('broken')) };
    await handleEvent(deps, push);
    await expect(handleEvent(deps, push)).rejects.toThrow('broken');
  });
});
