import { describe, expect, it } from '@jest/globals';
import { limitedRoom, NoRoomError } from '../../../app/lib/limited-room.ts';

describe('limited room', () => {
  const held = () => {
    let leave = (): void => {};
    const until = new Promise<void>((resolve) => {
      leave = resolve;
    });
    return { leave, until };
  };

  it('lets in what fits, and the rest in order when others leave', async () => {
    const inRoom = limitedRoom({ size: 10, waitMs: 60_000, mostWaiting: 5 });
    const [first, second] = [held(), held()];
    const order: string[] = [];
    const enter = (name: string, size: number, until: Promise<void>) =>
      inRoom(size, async () => {
        order.push(name);
        await until;
      });
    const all = [enter('a', 6, first.until), enter('b', 6, second.until), enter('c', 1, second.until)];
    await Promise.resolve();
    expect(order).toEqual(['a']);
    first.leave();
    second.leave();
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c']);
  });

  it('refuses what would wait too long, or behind too many', async () => {
    const inRoom = limitedRoom({ size: 1, waitMs: 1, mostWaiting: 1 });
    const { leave, until } = held();
    const first = inRoom(1, () => until);
    const waiting = inRoom(1, async () => {});
    await expect(inRoom(1, async () => {})).rejects.toThrow(NoRoomError);
    await expect(waiting).rejects.toThrow(NoRoomError);
    leave();
    await first;
    await inRoom(1, async () => {});
  });
});
