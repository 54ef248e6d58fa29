import { isDeepStrictEqual } from 'node:util';
import { LostRace } from '../../app/core/model/errors.ts';
import type { HolderRecord } from '../../app/core/model/hold.ts';
import type { ProjectId } from '../../app/core/model/ids.ts';
import { isAvailable, type Stack, type Ticket } from '../../app/core/model/stack.ts';
import type { DueStackItem } from '../../app/ports/stack-store.ts';
import type { Store } from '../../app/ports/store.ts';

const keyOf = (project: ProjectId, part: string | number) => `${project}/${part}`;

/** Stacks, holders and the queue of the in-memory store: each call is atomic. */
export function memoryStacks(): Pick<Store, 'stacks' | 'holders' | 'queue'> {
  const holders = new Map<string, HolderRecord>();
  const tickets = new Map<string, Ticket>();
  return {
    stacks: stackStore(tickets),
    holders: holderStore(holders),
    queue: queueStore(tickets, holders),
  };
}

function stackStore(tickets: ReadonlyMap<string, Ticket>): Store['stacks'] {
  const stacks = new Map<string, Stack>();
  /** A stack that is created again continues with the tokens of the previous one. */
  const deletedTokens = new Map<string, number>();
  const stacksOf = (project: ProjectId) =>
    [...stacks.values()].filter((stack) => stack.projectId === project).sort((a, b) => a.number - b.number);
  const byRequest = (a: Stack, b: Stack) => +a.lastRequested - +b.lastRequested || a.number - b.number;
  const refuseChanged = (key: string, seen: Stack | undefined): void => {
    if (stacks.get(key)?.revision !== seen?.revision || stacks.get(key)?.token !== seen?.token)
      throw new LostRace(`${key} was changed`);
  };
  return {
    async view(projectId, branch) {
      const all = stacksOf(projectId);
      const free = all
        .filter((stack) => isAvailable(stack) && stack.dirty === undefined && stack.reservation === undefined)
        .sort(byRequest);
      const end = ({ hold, dirty, reservation }: Stack) => {
        if (dirty !== undefined) return Infinity;
        const ends = hold === undefined ? [reservation?.until] : [hold.leaseUntil, hold.reclaimAt];
        return Math.min(...ends.map((date) => +(date ?? Infinity)));
      };
      return {
        affine: free.findLast((stack) => stack.branch === branch),
        free: free.slice(0, 5),
        expiring: all
          .filter((stack) => Number.isFinite(end(stack)) && stack.activeRuns.length === 0)
          .sort((a, b) => end(a) - end(b))
          .slice(0, 5),
        firstTicket: ticketsOf(tickets, projectId).find((ticket) => ticket.stackNumber === undefined),
        highestNumber: all.at(-1)?.number ?? 0,
      };
    },
    async get(projectId, number) {
      return stacks.get(keyOf(projectId, number));
    },
    async list(projectId) {
      return stacksOf(projectId);
    },
    async save(next, seen) {
      const key = keyOf(next.projectId, next.number);
      refuseChanged(key, seen);
      const token = seen === undefined ? (deletedTokens.get(key) ?? 0) + 1 : next.token;
      const saved = { ...next, token, revision: (seen?.revision ?? 0) + 1 };
      stacks.set(key, saved);
      return saved;
    },
    async delete(seen) {
      const key = keyOf(seen.projectId, seen.number);
      refuseChanged(key, seen);
      deletedTokens.set(key, seen.token);
      stacks.delete(key);
    },
    async due(now, limit) {
      const dueStacks = [...stacks.values()].flatMap((stack): [Date, DueStackItem][] =>
        stack.checkAt === undefined || stack.checkAt > now ? [] : [[stack.checkAt, { kind: 'stack', stack }]],
      );
      const dueTickets = [...tickets.values()].flatMap((ticket): [Date, DueStackItem][] =>
        ticket.expires > now ? [] : [[ticket.expires, { kind: 'ticket', ticket }]],
      );
      return [...dueStacks, ...dueTickets]
        .sort(([a], [b]) => +a - +b)
        .slice(0, limit)
        .map(([, item]) => item);
    },
  };
}

function holderStore(holders: Map<string, HolderRecord>): Store['holders'] {
  const refuseChanged = (key: string, seen: HolderRecord | undefined): void => {
    if (!isDeepStrictEqual(holders.get(key), seen)) throw new LostRace(`${key} was changed`);
  };
  return {
    async get(projectId, of) {
      return holders.get(keyOf(projectId, of));
    },
    async save(projectId, next, seen) {
      const key = keyOf(projectId, next.holder);
      refuseChanged(key, seen);
      holders.set(key, next);
      return next;
    },
    async delete(projectId, seen) {
      const key = keyOf(projectId, seen.holder);
      refuseChanged(key, seen);
      holders.delete(key);
    },
  };
}

function queueStore(tickets: Map<string, Ticket>, holders: Map<string, HolderRecord>): Store['queue'] {
  const counters = new Map<string, number>();
  return {
    async join(ticket) {
      const { projectId, holder } = ticket;
      const record = holders.get(keyOf(projectId, holder)) ?? { holder, generation: 0 };
      const number = record.ticketNumber ?? (counters.get(projectId) ?? 0) + 1;
      if (record.ticketNumber === undefined) counters.set(projectId, number);
      holders.set(keyOf(projectId, holder), { ...record, ticketNumber: number });
      const known = tickets.get(keyOf(projectId, number));
      const stored = known === undefined ? { ...ticket, number } : { ...known, expires: ticket.expires };
      tickets.set(keyOf(projectId, number), stored);
      return stored;
    },
    async leave(projectId, of, ticketNumber) {
      tickets.delete(keyOf(projectId, ticketNumber));
      const record = holders.get(keyOf(projectId, of));
      if (record?.ticketNumber !== ticketNumber) return;
      const { ticketNumber: _, ...rest } = record;
      if (rest.generation === 0 && rest.closed === undefined) holders.delete(keyOf(projectId, of));
      else holders.set(keyOf(projectId, of), rest);
    },
    async list(projectId, limit) {
      return ticketsOf(tickets, projectId).slice(0, limit);
    },
    async count(projectId, before = Number.POSITIVE_INFINITY) {
      return ticketsOf(tickets, projectId).filter(({ number }) => number < before).length;
    },
  };
}

function ticketsOf(tickets: ReadonlyMap<string, Ticket>, project: ProjectId): Ticket[] {
  return [...tickets.values()]
    .filter((ticket) => ticket.projectId === project)
    .sort((a, b) => a.number - b.number);
}
