import { describe, expect, it } from '@jest/globals';
import type { HolderRecord } from '../../../app/core/model/hold.ts';
import { holder, type ProjectId } from '../../../app/core/model/ids.ts';
import { closeHolder, reopenHolder, unreserve } from '../../../app/core/stacks/holder-records.ts';
import type { Store } from '../../../app/ports/store.ts';
import { holdChanges } from '../../helpers/hold-changes.ts';
import { alice, atOnce, bob, minute, newProjectId, newTicket } from './samples.ts';

/** The pointer from a holder to its stack. */
export function holdersContract(store: () => Store): void {
  const reserved = async (project: ProjectId, number: number): Promise<HolderRecord> => {
    const record = await holdChanges(store()).reserve(project, alice, number, undefined);
    if (record === undefined) throw new Error('a new holder could not be reserved at a stack');
    return record;
  };

  describe('a holder', () => {
    it('is unknown until it is used', async () => {
      expect(await store().holders.get(newProjectId(), alice)).toBeUndefined();
    });

    it('reserves a stack, and keeps it reserved', async () => {
      const project = newProjectId();
      const record = { holder: alice, stackNumber: 3, generation: 1 };
      expect(await holdChanges(store()).reserve(project, alice, 3, undefined)).toEqual(record);
      expect(await holdChanges(store()).reserve(project, alice, 4, undefined)).toBeUndefined();
      expect(await store().holders.get(project, alice)).toEqual(record);
      expect(await store().holders.get(project, bob)).toBeUndefined();
    });

    it('reserves one stack in parallel requests', async () => {
      const project = newProjectId();
      const pointers = await atOnce(20, (index) =>
        holdChanges(store()).reserve(project, alice, index + 1, undefined),
      );
      expect(pointers.filter((pointer) => pointer !== undefined)).toHaveLength(1);
    });

    it('reserves another stack after it lost one, once', async () => {
      const project = newProjectId();
      const first = await holdChanges(store()).reserve(project, alice, 3, undefined);
      const second = await holdChanges(store()).reserve(project, alice, 4, first);
      expect(second).toEqual({ holder: alice, stackNumber: 4, generation: 2 });
      expect(await holdChanges(store()).reserve(project, alice, 5, first)).toBeUndefined();
      expect(await store().holders.get(project, alice)).toEqual(second);
    });

    it('unreserves only the stack that was read, and its generations continue', async () => {
      const project = newProjectId();
      const first = await reserved(project, 3);
      const second = await holdChanges(store()).reserve(project, alice, 3, first);
      await unreserve(store().holders, project, first);
      expect(await store().holders.get(project, alice)).toEqual(second);
      if (second !== undefined) await unreserve(store().holders, project, second);
      const without = await store().holders.get(project, alice);
      expect(without?.stackNumber).toBeUndefined();
      expect((await holdChanges(store()).reserve(project, alice, 9, without))?.generation).toBeGreaterThan(2);
    });

    it('keeps its place in the queue when it unreserves', async () => {
      const project = newProjectId();
      const record = await reserved(project, 3);
      const ticket = await store().queue.join(newTicket(project, alice));
      await unreserve(store().holders, project, record);
      expect(await store().holders.get(project, alice)).toMatchObject({ ticketNumber: ticket.number });
      expect((await store().holders.get(project, alice))?.stackNumber).toBeUndefined();
    });

    it('reserves a stack independent of its place in the queue', async () => {
      const project = newProjectId();
      await reserved(project, 3);
      await store().queue.join(newTicket(project, alice));
      const record = await store().holders.get(project, alice);
      expect((await holdChanges(store()).reserve(project, alice, 4, record))?.stackNumber).toBe(4);
    });

    it('is closed from the first close on', async () => {
      const project = newProjectId();
      expect(await closeHolder(store().holders, project, alice, minute(5))).toEqual({
        holder: alice,
        generation: 0,
        closed: minute(5),
      });
      expect((await closeHolder(store().holders, project, alice, minute(9))).closed).toEqual(minute(5));
      expect((await store().holders.get(project, alice))?.closed).toEqual(minute(5));
    });

    it('that is closed since the read cannot reserve, and keeps its reservation', async () => {
      const project = newProjectId();
      await closeHolder(store().holders, project, alice, minute(5));
      expect(await holdChanges(store()).reserve(project, alice, 3, undefined)).toBeUndefined();
      const record = await holdChanges(store()).reserve(project, bob, 4, undefined);
      const closed = await closeHolder(store().holders, project, bob, minute(5));
      expect(closed).toEqual({ holder: bob, stackNumber: 4, generation: 1, closed: minute(5) });
      expect(await holdChanges(store()).reserve(project, bob, 5, record)).toBeUndefined();
    });

    it('can acquire stacks again after it is reopened', async () => {
      const project = newProjectId();
      await closeHolder(store().holders, project, alice, minute(5));
      await reopenHolder(store().holders, project, alice);
      expect((await store().holders.get(project, alice))?.closed).toBeUndefined();
      const seen = await store().holders.get(project, alice);
      expect((await holdChanges(store()).reserve(project, alice, 3, seen))?.stackNumber).toBe(3);
    });

    it('that was never closed can be reopened without effect', async () => {
      const project = newProjectId();
      await reopenHolder(store().holders, project, alice);
      expect((await store().holders.get(project, alice))?.closed).toBeUndefined();
    });

    it('can have a name with any characters and any length', async () => {
      const project = newProjectId();
      const names = ['#', '../x', 'ü'.repeat(300), 'a'.repeat(2000), `${'a'.repeat(2000)}b`].map(
        holder.branch,
      );
      for (const [index, name] of names.entries())
        await holdChanges(store()).reserve(project, name, index + 1, undefined);
      for (const [index, name] of names.entries()) {
        expect(await store().holders.get(project, name)).toEqual({
          holder: name,
          stackNumber: index + 1,
          generation: 1,
        });
      }
    });
  });
}
