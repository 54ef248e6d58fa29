import { describe, expect, it } from '@jest/globals';
import { holder, runId } from '../../../app/core/model/ids.ts';
import type { Store } from '../../../app/ports/store.ts';
import { alice, atOnce, bob, freeStack, heldStack, minute, newProjectId, newTicket } from './samples.ts';

const carol = holder.client('carol');

/** The line in which requests wait for a stack. */
export function lineContract(store: () => Store): void {
  describe('the queue', () => {
    it('is empty at first', async () => {
      const project = newProjectId();
      expect(await store().queue.list(project, 10)).toEqual([]);
      expect(await store().queue.count(project)).toBe(0);
    });

    it('is first in, first out', async () => {
      const project = newProjectId();
      const first = await store().queue.join(newTicket(project, alice));
      const second = await store().queue.join(newTicket(project, bob));
      const third = await store().queue.join(newTicket(project, carol));
      expect(await store().queue.list(project, 10)).toEqual([first, second, third]);
      expect(await store().queue.list(project, 2)).toEqual([first, second]);
      expect(await store().queue.count(project)).toBe(3);
      expect(await store().queue.count(project, first.number)).toBe(0);
      expect(await store().queue.count(project, third.number)).toBe(2);
      const pool = await store().stacks.view(project, 'main', bob);
      expect(pool.firstTicket).toEqual(first);
      expect((await store().holders.get(project, bob))?.ticketNumber).toBe(second.number);
    });

    it('keeps every field of a ticket', async () => {
      const project = newProjectId();
      const request = newTicket(project, alice, {
        branch: 'a b',
        stackNumber: 3,
        leaseSeconds: 60,
        runId: runId('run-1'),
        author: 'dana',
        round: 2,
      });
      const ticket = await store().queue.join(request);
      expect(ticket).toEqual({ ...request, number: ticket.number });
      expect(await store().queue.list(project, 10)).toEqual([ticket]);
    });

    it('keeps the place of a repeated request, and extends its expiration', async () => {
      const project = newProjectId();
      const first = await store().queue.join(newTicket(project, alice, { round: 2 }));
      await store().queue.join(newTicket(project, bob));
      const again = await store().queue.join(
        newTicket(project, alice, { asked: minute(5), expires: minute(15), round: 9 }),
      );
      expect(again).toEqual({ ...first, expires: minute(15) });
      expect(await store().queue.count(project)).toBe(2);
      expect((await store().queue.list(project, 1))[0]).toEqual(again);
    });

    it('has one place for parallel requests of one holder', async () => {
      const project = newProjectId();
      const tickets = await atOnce(20, () => store().queue.join(newTicket(project, alice)));
      expect(new Set(tickets.map((ticket) => ticket.number)).size).toBe(1);
      expect(await store().queue.count(project)).toBe(1);
    });

    it('has a separate place for each of many parallel holders', async () => {
      const project = newProjectId();
      const tickets = await atOnce(30, (index) =>
        store().queue.join(newTicket(project, holder.request(`r${index}`))),
      );
      expect(new Set(tickets.map((ticket) => ticket.number)).size).toBe(30);
      const line = await store().queue.list(project, 100);
      expect(line.map((ticket) => ticket.number)).toEqual(
        tickets.map((ticket) => ticket.number).sort((a, b) => a - b),
      );
    });

    it('closes the gap when a place is given up', async () => {
      const project = newProjectId();
      const first = await store().queue.join(newTicket(project, alice));
      const second = await store().queue.join(newTicket(project, bob));
      await store().queue.leave(project, alice, first.number);
      await store().queue.leave(project, alice, first.number);
      expect(await store().queue.list(project, 10)).toEqual([second]);
      expect(await store().queue.count(project, second.number)).toBe(0);
      expect((await store().holders.get(project, alice))?.ticketNumber).toBeUndefined();
      expect((await store().stacks.view(project, 'main', undefined)).firstTicket).toEqual(second);
    });

    it('puts a returning holder at the end', async () => {
      const project = newProjectId();
      const first = await store().queue.join(newTicket(project, alice));
      const second = await store().queue.join(newTicket(project, bob));
      await store().queue.leave(project, alice, first.number);
      const again = await store().queue.join(newTicket(project, alice, { asked: minute(4) }));
      expect(again.number).toBeGreaterThan(second.number);
      expect(again.asked).toEqual(minute(4));
    });

    it('keeps the new place when an old one is given up late', async () => {
      const project = newProjectId();
      const first = await store().queue.join(newTicket(project, alice));
      await store().queue.leave(project, alice, first.number);
      const again = await store().queue.join(newTicket(project, alice));
      await store().queue.leave(project, alice, first.number);
      expect(await store().queue.list(project, 10)).toEqual([again]);
      expect((await store().holders.get(project, alice))?.ticketNumber).toBe(again.number);
    });

    it('is not blocked by a request for a specific stack', async () => {
      const project = newProjectId();
      const certain = await store().queue.join(newTicket(project, alice, { stackNumber: 2 }));
      expect((await store().stacks.view(project, 'main', undefined)).firstTicket).toBeUndefined();
      const any = await store().queue.join(newTicket(project, bob));
      expect((await store().stacks.view(project, 'main', undefined)).firstTicket).toEqual(any);
      expect(await store().queue.list(project, 10)).toEqual([certain, any]);
      expect(await store().queue.count(project)).toBe(2);
    });

    it('does not hide available or expiring stacks, however long it is', async () => {
      const project = newProjectId();
      await freeStack(store(), project, 1);
      await heldStack(store(), project, 2, { leaseUntil: minute(5) });
      await atOnce(60, (index) => store().queue.join(newTicket(project, holder.client(`c${index}`))));
      const pool = await store().stacks.view(project, 'main', undefined);
      expect(pool.free).toMatchObject([{ number: 1 }]);
      expect(pool.expiring).toMatchObject([{ number: 2 }]);
      expect(pool.firstTicket).toBeDefined();
    });

    it('has tickets that are due when they expire', async () => {
      const project = newProjectId();
      const ticket = await store().queue.join(newTicket(project, alice, { expires: minute(5) }));
      const due = async (now: Date) =>
        (await store().stacks.due(now, 1000)).filter(
          (item) => item.kind === 'ticket' && item.ticket.projectId === project,
        );
      expect(await due(minute(4))).toEqual([]);
      expect(await due(minute(5))).toEqual([{ kind: 'ticket', ticket }]);
      await store().queue.leave(project, alice, ticket.number);
      expect(await due(minute(5))).toEqual([]);
    });
  });
}
