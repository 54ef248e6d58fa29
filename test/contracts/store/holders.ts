import { describe, expect, it } from '@jest/globals';
import { holder } from '../../../app/domain/ids.ts';
import type { Store } from '../../../app/ports/store.ts';
import { alice, atOnce, bob, minute, newProjectId, newTicket } from './samples.ts';

/** The pointer from a holder to its stack. */
export function holdersContract(store: () => Store): void {
  describe('a holder', () => {
    it('is unknown until something is said of it', async () => {
      expect(await store().stacks.readHolder(newProjectId(), alice)).toBeUndefined();
    });

    it('is pointed at a stack, and stays so', async () => {
      const project = newProjectId();
      expect(await store().stacks.point(project, alice, 3)).toEqual({ holder: alice, stackNumber: 3 });
      expect(await store().stacks.point(project, alice, 4)).toEqual({ holder: alice, stackNumber: 3 });
      expect(await store().stacks.readHolder(project, alice)).toEqual({ holder: alice, stackNumber: 3 });
      expect((await store().stacks.view(project, 'main', alice)).who).toEqual({
        holder: alice,
        stackNumber: 3,
      });
      expect(await store().stacks.readHolder(project, bob)).toBeUndefined();
    });

    it('is pointed at one stack by requests that come at once', async () => {
      const project = newProjectId();
      const pointers = await atOnce(20, (index) => store().stacks.point(project, alice, index + 1));
      expect(new Set(pointers.map((pointer) => pointer.stackNumber)).size).toBe(1);
    });

    it('is pointed at another stack in place of a lost one, once', async () => {
      const project = newProjectId();
      await store().stacks.point(project, alice, 3);
      expect((await store().stacks.point(project, alice, 4, 3)).stackNumber).toBe(4);
      expect((await store().stacks.point(project, alice, 5, 3)).stackNumber).toBe(4);
    });

    it('is pointed at a stack in place of one that it does not point at any more', async () => {
      const project = newProjectId();
      await store().stacks.point(project, alice, 3);
      await store().stacks.unpoint(project, alice, 3);
      expect((await store().stacks.point(project, alice, 4, 3)).stackNumber).toBe(4);
    });

    it('loses its pointer only if it is the one that was named', async () => {
      const project = newProjectId();
      await store().stacks.point(project, alice, 3);
      await store().stacks.unpoint(project, alice, 2);
      expect((await store().stacks.readHolder(project, alice))?.stackNumber).toBe(3);
      await store().stacks.unpoint(project, alice, 3);
      await store().stacks.unpoint(project, alice, 3);
      expect((await store().stacks.readHolder(project, alice))?.stackNumber).toBeUndefined();
      expect((await store().stacks.point(project, alice, 9)).stackNumber).toBe(9);
    });

    it('keeps its place in line when it loses its pointer', async () => {
      const project = newProjectId();
      await store().stacks.point(project, alice, 3);
      const ticket = await store().stacks.enqueue(newTicket(project, alice));
      await store().stacks.unpoint(project, alice, 3);
      expect(await store().stacks.readHolder(project, alice)).toEqual({
        holder: alice,
        ticketNumber: ticket.number,
      });
    });

    it('is closed from the first moment on that it was said', async () => {
      const project = newProjectId();
      expect(await store().stacks.closeHolder(project, alice, minute(5))).toEqual({
        holder: alice,
        closed: minute(5),
      });
      expect((await store().stacks.closeHolder(project, alice, minute(9))).closed).toEqual(minute(5));
      expect((await store().stacks.view(project, 'main', alice)).who?.closed).toEqual(minute(5));
    });

    it('that is closed gets no pointer, and keeps the one that it had', async () => {
      const project = newProjectId();
      await store().stacks.closeHolder(project, alice, minute(5));
      expect(await store().stacks.point(project, alice, 3)).toEqual({ holder: alice, closed: minute(5) });
      await store().stacks.point(project, bob, 4);
      const closed = await store().stacks.closeHolder(project, bob, minute(5));
      expect(closed).toEqual({ holder: bob, stackNumber: 4, closed: minute(5) });
      expect(await store().stacks.point(project, bob, 5, 4)).toEqual(closed);
    });

    it('may take stacks again once it is reopened', async () => {
      const project = newProjectId();
      await store().stacks.closeHolder(project, alice, minute(5));
      await store().stacks.reopenHolder(project, alice);
      expect((await store().stacks.readHolder(project, alice))?.closed).toBeUndefined();
      expect((await store().stacks.point(project, alice, 3)).stackNumber).toBe(3);
    });

    it('that was never closed can be reopened, without effect', async () => {
      const project = newProjectId();
      await store().stacks.reopenHolder(project, alice);
      expect((await store().stacks.readHolder(project, alice))?.closed).toBeUndefined();
    });

    it('may have a name with any characters, and of any length', async () => {
      const project = newProjectId();
      const names = ['#', '../x', 'ü'.repeat(300), 'a'.repeat(2000), `${'a'.repeat(2000)}b`].map(
        holder.branch,
      );
      for (const [index, name] of names.entries()) await store().stacks.point(project, name, index + 1);
      for (const [index, name] of names.entries()) {
        expect(await store().stacks.readHolder(project, name)).toEqual({
          holder: name,
          stackNumber: index + 1,
        });
      }
    });
  });
}
