import { type Branch, type BranchKey, branchText } from '../../app/core/model/branch.ts';
import { BerthError, LostRace } from '../../app/core/model/errors.ts';
import { type Holder, isUniqueHolder, type ProjectId, runId as toRunId } from '../../app/core/model/ids.ts';
import type { PastHold } from '../../app/core/model/past-hold.ts';
import type { ApiKey, Project } from '../../app/core/model/project.ts';
import type { PullComment } from '../../app/core/model/pull-comment.ts';
import { isActive, type Run } from '../../app/core/model/run.ts';
import type { RunCost } from '../../app/core/model/run-cost.ts';
import type { Session } from '../../app/core/model/session.ts';
import {
  hasExpired,
  isAvailable,
  mayBeTaken,
  type Stack,
  type Ticket,
  wantsTeardown,
} from '../../app/core/model/stack.ts';
import type { BranchStore, NewestCheck } from '../../app/ports/branch-store.ts';
import type { PullCommentStore } from '../../app/ports/pull-comment-store.ts';
import type { AcquireParams, DueStackItem, HolderRecord, StackStore } from '../../app/ports/stack-store.ts';
import type { Delivery, Page, QuotaNote, RunFilter, RunStore, Store } from '../../app/ports/store.ts';
import { hooked } from './hooked.ts';
import { memorySlots } from './memory-slots.ts';

interface StoredStack extends Stack {
  readonly shared: boolean;
  readonly checkAt?: Date;
}

/**
 * The store of the property tests: what the port promises and nothing else, each call atomic, with a hook before
 * every call at which a test can let others go first or crash the caller. It passes the contract suite of all stores.
 */
export function memoryStore(before: (call: string) => Promise<void> = () => Promise.resolve()): Store {
  const state = {
    projects: new Map<string, Project>(),
    keys: new Map<string, ApiKey>(),
    runs: new Map<string, Run>(),
    stacks: new Map<string, StoredStack>(),
    holders: new Map<string, HolderRecord>(),
    tickets: new Map<string, Ticket>(),
    counters: new Map<string, number>(),
    deletedTokens: new Map<string, number>(),
    deliveries: new Map<string, Delivery & { doneUntil?: Date }>(),
    sessions: new Map<string, Session>(),
    costs: new Map<string, RunCost>(),
    chores: new Map<string, Date>(),
    orphans: new Map<string, { since: Date; forgetAt: Date }>(),
    quotas: new Map<'fargate', QuotaNote>(),
  };
  const store: Store = {
    projects: projectStore(state),
    stacks: stackStore(state),
    branches: branchStore(),
    comments: pullCommentStore(),
    runs: runStore(state),
    deliveries: {
      async record(delivery) {
        const known = state.deliveries.get(delivery.id);
        const forgotten = known?.doneUntil !== undefined && known.doneUntil <= delivery.receivedAt;
        if (known !== undefined && !forgotten) return false;
        state.deliveries.set(delivery.id, delivery);
        return true;
      },
      async get(id) {
        return state.deliveries.get(id);
      },
      async due(now, limit) {
        return [...state.deliveries.values()]
          .filter((delivery) => delivery.doneUntil === undefined && delivery.dueAt <= now)
          .sort((a, b) => +a.dueAt - +b.dueAt)
          .slice(0, limit)
          .map((delivery) => delivery.id);
      },
      async done(id, forgetAt) {
        const delivery = state.deliveries.get(id);
        if (delivery !== undefined) state.deliveries.set(id, { ...delivery, doneUntil: forgetAt });
      },
      async begin({ id, attempts }, dueAt) {
        const delivery = state.deliveries.get(id);
        if (delivery === undefined || delivery.doneUntil !== undefined || delivery.attempts !== attempts)
          return false;
        state.deliveries.set(id, { ...delivery, dueAt, attempts: attempts + 1 });
        return true;
      },
      async postpone(id, dueAt, _reason, { isWaiting } = { isWaiting: false }) {
        const delivery = state.deliveries.get(id);
        if (delivery === undefined) return;
        const attempts = delivery.attempts - (isWaiting ? 1 : 0);
        state.deliveries.set(id, { ...delivery, dueAt, attempts });
      },
    },
    costs: {
      async record(cost) {
        state.costs.set(JSON.stringify([cost.projectId, cost.month, cost.runId]), cost);
      },
      async ofMonth(projectId, month) {
        return [...state.costs.values()].filter(
          (cost) => cost.projectId === projectId && cost.month === month,
        );
      },
    },
    holds: holdHistoryStore(),
    sessions: {
      async create(session) {
        if (state.sessions.has(session.id)) return false;
        state.sessions.set(session.id, session);
        return true;
      },
      async get(id) {
        return state.sessions.get(id);
      },
      async save(session) {
        if (state.sessions.get(session.id)?.revision !== session.revision) return false;
        state.sessions.set(session.id, { ...session, revision: session.revision + 1 });
        return true;
      },
      async delete(id) {
        state.sessions.delete(id);
      },
    },
    slots: memorySlots(),
    maintenance: {
      async claim(chore, now, nextAt) {
        if ((state.chores.get(chore) ?? now) > now) return false;
        state.chores.set(chore, nextAt);
        return true;
      },
      async markOrphan(arn, now, forgetAt) {
        const known = state.orphans.get(arn);
        if (known !== undefined && known.forgetAt > now) return known.since;
        state.orphans.set(arn, { since: now, forgetAt });
        return now;
      },
      async noteQuota(note) {
        state.quotas.set('fargate', note);
      },
      async readQuota() {
        return state.quotas.get('fargate');
      },
    },
    async prepare() {},
    async ping() {},
  };
  const watched = <Part extends object>(part: Part, name: string): Part =>
    hooked(part, (method) => before(`${name}.${method}`));
  return {
    projects: watched(store.projects, 'projects'),
    stacks: watched(store.stacks, 'stacks'),
    branches: watched(store.branches, 'branches'),
    comments: watched(store.comments, 'comments'),
    runs: watched(store.runs, 'runs'),
    deliveries: watched(store.deliveries, 'deliveries'),
    sessions: watched(store.sessions, 'sessions'),
    costs: watched(store.costs, 'costs'),
    holds: watched(store.holds, 'holds'),
    maintenance: watched(store.maintenance, 'maintenance'),
    slots: watched(store.slots, 'slots'),
    prepare: store.prepare,
    ping: store.ping,
  };
}

interface State {
  readonly projects: Map<string, Project>;
  readonly keys: Map<string, ApiKey>;
  readonly runs: Map<string, Run>;
  readonly stacks: Map<string, StoredStack>;
  readonly holders: Map<string, HolderRecord>;
  readonly tickets: Map<string, Ticket>;
  readonly counters: Map<string, number>;
  /** A stack that is created again continues with the tokens of the previous one. */
  readonly deletedTokens: Map<string, number>;
}

function holdHistoryStore(): Store['holds'] {
  const holds = new Map<string, PastHold>();
  const key = (stack: Stack): string => JSON.stringify([stack.projectId, stack.number, stack.token % 100]);
  const known = (stack: Stack): PastHold | undefined => {
    const hold = holds.get(key(stack));
    return hold?.token === stack.token ? hold : undefined;
  };
  const blank = ({ token, hold, branch }: Stack): PastHold | undefined =>
    hold && { token, holder: hold.holder, branch, since: hold.since, deployments: [] };
  return {
    async noteEnd(stack, until) {
      const hold = known(stack) ?? blank(stack);
      if (stack.hold === undefined || hold === undefined || (hold.until ?? until) > until) return;
      holds.set(key(stack), { ...hold, branch: stack.branch, until });
    },
    async noteDeployment(stack, deployment) {
      const hold = known(stack) ?? blank(stack);
      if (hold === undefined || hold.deployments.length >= 50) return;
      const deployments = [...hold.deployments, deployment].sort((a, b) => +a.at - +b.at);
      holds.set(key(stack), { ...hold, deployments });
    },
    async list(projectId, number) {
      const prefix = JSON.stringify([projectId, number]).slice(0, -1);
      return [...holds]
        .filter(([id]) => id.startsWith(`${prefix},`))
        .map(([, hold]) => hold)
        .sort((a, b) => b.token - a.token);
    },
  };
}

function projectStore(state: State): Store['projects'] {
  return {
    async create(project) {
      if (state.projects.has(project.id)) return false;
      state.projects.set(project.id, project);
      return true;
    },
    async get(id) {
      return state.projects.get(id);
    },
    async replace(from, to) {
      if (state.projects.get(from.id) !== from) throw new LostRace('project');
      state.projects.set(from.id, to);
    },
    async list(cursor) {
      const all = [...state.projects.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
      return pageOf(all, (project) => project.id, {
        limit: 100,
        ...(cursor === undefined ? {} : { cursor }),
      });
    },
    async createKey(key) {
      if (state.keys.has(key.hash)) return false;
      state.keys.set(key.hash, key);
      return true;
    },
    async findKey(hash) {
      return state.keys.get(hash);
    },
    async listKeys(id) {
      return [...state.keys.values()]
        .filter((key) => key.projectId === id)
        .sort((a, b) => +a.created - +b.created);
    },
    async revokeKey(hash, at) {
      const key = state.keys.get(hash);
      if (key !== undefined) state.keys.set(hash, { ...key, revoked: key.revoked ?? at });
      return key !== undefined;
    },
  };
}

function stackStore(state: State): StackStore {
  const key = (project: ProjectId, part: string | number) => `${project}/${part}`;
  const stacksOf = (project: ProjectId) =>
    [...state.stacks.values()]
      .filter((stack) => stack.projectId === project)
      .sort((a, b) => a.number - b.number);
  const ticketsOf = (project: ProjectId) =>
    [...state.tickets.values()]
      .filter((ticket) => ticket.projectId === project)
      .sort((a, b) => a.number - b.number);
  const put = (stack: StoredStack): Stack => {
    state.stacks.set(key(stack.projectId, stack.number), stack);
    return bare(stack);
  };
  const find = (project: ProjectId, number: number) => {
    const stack = state.stacks.get(key(project, number));
    return stack === undefined ? undefined : bare(stack);
  };
  const byRequest = (a: Stack, b: Stack) => +a.lastRequested - +b.lastRequested || a.number - b.number;
  const isHeldAs = (now: StoredStack | undefined, seen: Stack): now is StoredStack =>
    now !== undefined && now.token === seen.token && now.hold?.holder === seen.hold?.holder;
  const mayEnter = (stack: StoredStack, params: AcquireParams): boolean =>
    params.turn === undefined ||
    stack.activeRuns.every((id) => id === params.turn?.runId) ||
    (stack.shared && params.turn.shares);
  const take = (stack: StoredStack, params: AcquireParams, token: number): Stack => {
    const { turn } = params;
    const since = stack.token === token ? (stack.hold?.since ?? params.now) : params.now;
    return put({
      ...stack,
      branch: params.branch,
      lastRequested: params.now,
      modified: params.now,
      token,
      hold: {
        holder: params.holder,
        since,
        ...(params.leaseUntil === undefined ? {} : { leaseUntil: params.leaseUntil }),
        ...(params.reclaimAt === undefined ? {} : { reclaimAt: params.reclaimAt }),
        ...(turn?.keeps === true || (stack.token === token && stack.hold?.kept === true)
          ? { kept: true as const }
          : {}),
        ...(stack.token === token && stack.hold?.teardownOf !== undefined
          ? { teardownOf: stack.hold.teardownOf }
          : {}),
      },
      ...(turn?.teardown === undefined
        ? {}
        : {
            teardowns: [
              ...(stack.teardowns ?? []).filter((one) => one.runId !== turn.runId),
              { suite: turn.teardown, runId: turn.runId },
            ],
          }),
      activeRuns: turn === undefined ? stack.activeRuns : [...new Set([...stack.activeRuns, turn.runId])],
      shared: turn === undefined ? stack.shared : turn.shares,
      checkAt: params.checkAt,
    });
  };
  return {
    async view(projectId, branch, who) {
      const stacks = stacksOf(projectId).map(bare);
      const free = stacks.filter(isAvailable).sort(byRequest);
      const end = (stack: Stack) =>
        Math.min(...[stack.hold?.leaseUntil, stack.hold?.reclaimAt].map((date) => +(date ?? Infinity)));
      return {
        pool: {
          affine: free.findLast((stack) => stack.branch === branch),
          free: free.slice(0, 5),
          expiring: stacks
            .filter((stack) => Number.isFinite(end(stack)))
            .sort((a, b) => end(a) - end(b))
            .slice(0, 5),
          firstTicket: ticketsOf(projectId).find((ticket) => ticket.stackNumber === undefined),
          highestNumber: stacks.at(-1)?.number ?? 0,
        },
        who: who === undefined || isUniqueHolder(who) ? undefined : state.holders.get(key(projectId, who)),
      };
    },
    async get(projectId, number) {
      return find(projectId, number);
    },
    async list(projectId) {
      return stacksOf(projectId).map(bare);
    },
    async reserve(projectId, who, number, seen) {
      const record = state.holders.get(key(projectId, who)) ?? unknownHolder(who);
      if (record.closed !== undefined || record.generation !== (seen?.generation ?? 0)) return undefined;
      const pointed = { ...record, stackNumber: number, generation: record.generation + 1 };
      state.holders.set(key(projectId, who), pointed);
      return pointed;
    },
    async unreserve(projectId, seen) {
      const record = state.holders.get(key(projectId, seen.holder));
      if (record === undefined || record.generation !== seen.generation) return;
      const { stackNumber: _, ...rest } = record;
      state.holders.set(key(projectId, seen.holder), rest);
    },
    async readHolder(projectId, who) {
      return state.holders.get(key(projectId, who));
    },
    async closeHolder(projectId, who, at) {
      const record = state.holders.get(key(projectId, who)) ?? unknownHolder(who);
      const closed = { ...record, closed: record.closed ?? at };
      state.holders.set(key(projectId, who), closed);
      return closed;
    },
    async forgetHolder(projectId, who) {
      const record = state.holders.get(key(projectId, who));
      if (record?.stackNumber === undefined && record?.ticketNumber === undefined)
        state.holders.delete(key(projectId, who));
    },
    async reopenHolder(projectId, who) {
      const { closed: _, ...rest } = state.holders.get(key(projectId, who)) ?? unknownHolder(who);
      state.holders.set(key(projectId, who), rest);
    },
    async take(seen, params) {
      const stack = state.stacks.get(key(seen.projectId, seen.number));
      if (stack === undefined || stack.token !== seen.token) return undefined;
      const expired = isHeldAs(stack, seen) && mayBeTaken(stack, params.now);
      if (!isAvailable(stack) && !expired) return undefined;
      return take({ ...stack, activeRuns: [] }, params, stack.token + 1);
    },
    async create(projectId, number, stackName, params) {
      if (state.stacks.has(key(projectId, number))) return undefined;
      const { now, branch } = params;
      const blank = { projectId, number, stackName, branch, created: now, modified: now, lastRequested: now };
      const token = state.deletedTokens.get(key(projectId, number)) ?? 0;
      return take({ ...blank, token, activeRuns: [], shared: false }, params, token + 1);
    },
    async renew(projectId, number, params, token) {
      const stack = state.stacks.get(key(projectId, number));
      if (stack?.hold?.holder !== params.holder || (token ?? stack.token) !== stack.token) return 'lost';
      if (!mayEnter(stack, params)) return 'busy';
      const { leaseUntil = params.leaseUntil } = stack.hold;
      const kept = {
        ...(leaseUntil === undefined ? {} : { leaseUntil }),
        checkAt: stack.checkAt ?? params.checkAt,
      };
      const keepsLease = params.turn !== undefined && params.leaseUntil === undefined;
      return take(stack, keepsLease ? { ...params, ...kept } : params, stack.token);
    },
    async leave(projectId, number, id, { now, reclaimAt }) {
      const stack = state.stacks.get(key(projectId, number));
      if (stack === undefined || !stack.activeRuns.includes(id)) return stack && bare(stack);
      const hold =
        stack.hold === undefined
          ? {}
          : { hold: { ...stack.hold, ...(reclaimAt === undefined ? {} : { reclaimAt }) } };
      const activeRuns = stack.activeRuns.filter((other) => other !== id);
      const own = stack.teardowns?.find((one) => one.runId === id);
      const kept = stack.teardowns?.filter(
        (one) => one.suite !== own?.suite || one.runId === id || activeRuns.includes(one.runId),
      );
      return put({
        ...stack,
        ...hold,
        modified: now,
        activeRuns,
        ...(kept === undefined ? {} : { teardowns: kept }),
      });
    },
    async release(seen, now, options) {
      const stack = state.stacks.get(key(seen.projectId, seen.number));
      if (!isHeldAs(stack, seen) || stack.hold === undefined) return false;
      if (stack.activeRuns.length > 0 || (options?.expired === true && !hasExpired(stack, now))) return false;
      if (wantsTeardown(stack)) return false;
      if (options?.unchanged === true && +stack.lastRequested !== +seen.lastRequested) return false;
      const { hold: _, checkAt: __, ...rest } = stack;
      put({ ...rest, activeRuns: [], modified: now });
      return true;
    },
    async transferHold(seen, now, to, options) {
      const stack = state.stacks.get(key(seen.projectId, seen.number));
      if (!isHeldAs(stack, seen) || stack.hold === undefined || stack.activeRuns.length > 0) return undefined;
      if (options?.expired === true && !hasExpired(stack, now)) return undefined;
      if (options?.overdue === true && !endsAs(stack, seen)) return undefined;
      if (JSON.stringify(stack.teardowns) !== JSON.stringify(seen.teardowns)) return undefined;
      const { teardowns: wanted = [], deploys, lastDeployedCommit, ...rest } = stack;
      const teardowns = wanted.filter((one) => one.suite !== to.teardown.suite);
      return put({
        ...rest,
        modified: now,
        token: stack.token + 1,
        hold: { holder: to.holder, since: now, teardownOf: to.teardown.runId },
        checkAt: to.checkAt,
        ...(deploys !== undefined || lastDeployedCommit === undefined ? {} : { lastDeployedCommit }),
        ...(teardowns.length === 0 ? {} : { teardowns }),
      });
    },
    async setLastDeployedCommit(projectId, number, lastDeployedCommit, now, token) {
      const stack = state.stacks.get(key(projectId, number));
      if (stack === undefined || (token !== undefined && (stack.token !== token || isAvailable(stack))))
        return undefined;
      return put({ ...stack, lastDeployedCommit, modified: now });
    },
    async noteDeploy({ projectId, number, token }, name, deploy, now) {
      const stack = state.stacks.get(key(projectId, number));
      if (stack === undefined || stack.token !== token || isAvailable(stack)) return undefined;
      const isDone = deploy.begun === undefined && deploy.done !== undefined;
      return put({
        ...stack,
        deploys: { ...stack.deploys, [name]: deploy },
        ...(isDone ? { lastDeployedCommit: deploy.done.commit } : {}),
        modified: now,
      });
    },
    async delete(seen) {
      const stack = state.stacks.get(key(seen.projectId, seen.number));
      if (!isHeldAs(stack, seen) || !isAvailable(stack)) return false;
      state.deletedTokens.set(key(seen.projectId, seen.number), stack.token);
      return state.stacks.delete(key(seen.projectId, seen.number));
    },
    async last(projectId) {
      return stacksOf(projectId).map(bare).at(-1);
    },
    async enqueue(ticket) {
      const record = state.holders.get(key(ticket.projectId, ticket.holder)) ?? unknownHolder(ticket.holder);
      const number = record.ticketNumber ?? (state.counters.get(ticket.projectId) ?? 0) + 1;
      if (record.ticketNumber === undefined) state.counters.set(ticket.projectId, number);
      state.holders.set(key(ticket.projectId, ticket.holder), { ...record, ticketNumber: number });
      const known = state.tickets.get(key(ticket.projectId, number));
      const stored = known === undefined ? { ...ticket, number } : { ...known, expires: ticket.expires };
      state.tickets.set(key(ticket.projectId, number), stored);
      return stored;
    },
    async dequeue(projectId, who, ticketNumber) {
      state.tickets.delete(key(projectId, ticketNumber));
      const record = state.holders.get(key(projectId, who));
      if (record?.ticketNumber !== ticketNumber) return;
      const { ticketNumber: _, ...rest } = record;
      state.holders.set(key(projectId, who), rest);
    },
    async line(projectId, limit) {
      return ticketsOf(projectId).slice(0, limit);
    },
    async countBefore(projectId, ticketNumber) {
      return ticketsOf(projectId).filter((ticket) => ticket.number < ticketNumber).length;
    },
    async countWaiting(projectId) {
      return ticketsOf(projectId).length;
    },
    async due(now, limit) {
      const stacks: [Date, DueStackItem][] = [...state.stacks.values()].flatMap((stack) =>
        stack.checkAt === undefined || stack.checkAt > now
          ? []
          : [[stack.checkAt, { kind: 'stack', stack: bare(stack) }]],
      );
      const tickets: [Date, DueStackItem][] = [...state.tickets.values()].flatMap((ticket) =>
        ticket.expires > now ? [] : [[ticket.expires, { kind: 'ticket', ticket }]],
      );
      return [...stacks, ...tickets]
        .sort(([a], [b]) => +a - +b)
        .slice(0, limit)
        .map(([, item]) => item);
    },
    async checkLater(seen, checkAt) {
      const stack = state.stacks.get(key(seen.projectId, seen.number));
      if (isHeldAs(stack, seen) && stack.hold !== undefined) put({ ...stack, checkAt });
    },
  };
}

/** The stack without what only the store needs to know. */
function endsAs({ hold: a }: Stack, { hold: b }: Stack): boolean {
  return +(a?.leaseUntil ?? 0) === +(b?.leaseUntil ?? 0) && +(a?.reclaimAt ?? 0) === +(b?.reclaimAt ?? 0);
}

function bare({ shared: _, checkAt: __, ...stack }: StoredStack): Stack {
  return stack;
}

const unknownHolder = (who: Holder): HolderRecord => ({ holder: who, generation: 0 });

function runStore(state: State): RunStore {
  const ofProject = (id: ProjectId) => [...state.runs.values()].filter((run) => run.projectId === id);
  const active = (id: ProjectId) =>
    ofProject(id)
      .filter(isActive)
      .sort((a, b) => +a.createdAt - +b.createdAt);
  return {
    async create(run) {
      const known = state.runs.get(run.id);
      if (known !== undefined) return { run: known, created: false };
      state.runs.set(run.id, run);
      return { run, created: true };
    },
    async get(id) {
      return state.runs.get(id);
    },
    async save(run, now) {
      if (state.runs.get(run.id)?.revision !== run.revision) throw new LostRace('run');
      const saved = { ...run, revision: run.revision + 1, updatedAt: now };
      state.runs.set(run.id, saved);
      return saved;
    },
    async list(projectId, filter, page) {
      const matching = ofProject(projectId)
        .filter((run) => matches(run, filter))
        .sort((a, b) => +b.createdAt - +a.createdAt || (a.id < b.id ? 1 : -1));
      // A cursor of another project's list is a place in time like any other.
      const start = page.cursor === undefined ? undefined : state.runs.get(page.cursor);
      const rest = start === undefined ? matching : matching.filter((run) => isOlder(run, start));
      if (page.cursor !== undefined && start === undefined)
        throw new BerthError('cursor_invalid', 'The cursor is invalid.');
      return pageOf(rest, (run) => run.id, { limit: page.limit });
    },
    async listActive(projectId) {
      return active(projectId);
    },
    async countActive(projectId) {
      return active(projectId).length;
    },
    async listEnded(projectId, before, limit) {
      return ofProject(projectId)
        .filter((run) => run.settledAt !== undefined && run.createdAt < before)
        .sort((a, b) => +a.createdAt - +b.createdAt)
        .slice(0, limit)
        .map(({ id }) => id);
    },
    async delete(id) {
      state.runs.delete(id);
    },
    async due(now, limit) {
      return [...state.runs.values()]
        .filter((run) => run.dueAt !== undefined && run.dueAt <= now)
        .sort((a, b) => +(a.dueAt ?? 0) - +(b.dueAt ?? 0))
        .slice(0, limit)
        .map((run) => toRunId(run.id));
    },
  };
}

const isOlder = (run: Run, than: Run): boolean =>
  +run.createdAt < +than.createdAt || (+run.createdAt === +than.createdAt && run.id < than.id);

/** A page that begins behind the item that the cursor names. */
function pageOf<Item>(
  items: readonly Item[],
  idOf: (item: Item) => string,
  page: { limit: number; cursor?: string },
): Page<Item> {
  const before = page.cursor === undefined ? -1 : items.findIndex((item) => idOf(item) === page.cursor);
  if (page.cursor !== undefined && before < 0)
    throw new BerthError('cursor_invalid', 'The cursor is invalid.');
  const slice = items.slice(before + 1, before + 1 + page.limit);
  const last = slice.at(-1);
  return { items: slice, ...(last === undefined || items.at(-1) === last ? {} : { cursor: idOf(last) }) };
}

function matches(run: Run, filter: RunFilter): boolean {
  const text = [
    run.spec.branch,
    run.spec.suite,
    run.sha ?? '',
    run.spec.command,
    run.id,
    run.commit?.message ?? '',
    run.commit?.author ?? '',
  ]
    .join('\n')
    .toLowerCase();
  return (
    (filter.branch === undefined || run.spec.branch === filter.branch) &&
    (filter.suite === undefined || run.spec.suite === filter.suite) &&
    (filter.states === undefined || filter.states.includes(run.state)) &&
    (filter.sha === undefined || run.sha === filter.sha) &&
    (filter.actor === undefined || run.trigger.actor === filter.actor) &&
    (filter.pullRequest === undefined || run.github?.pullRequest === filter.pullRequest) &&
    (filter.trigger === undefined || run.trigger.kind === filter.trigger) &&
    (filter.stack === undefined || run.held?.stackName === filter.stack) &&
    (filter.since === undefined || run.createdAt >= filter.since) &&
    (filter.before === undefined || run.createdAt < filter.before) &&
    (filter.text === undefined || text.includes(filter.text.toLowerCase()))
  );
}

function branchStore(): BranchStore {
  const branches = new Map<string, Branch>();
  const checks = new Map<string, Map<string, NewestCheck>>();
  const commit = (projectId: ProjectId, sha: string): Map<string, NewestCheck> => {
    const key = JSON.stringify([projectId, sha]);
    const known = checks.get(key) ?? new Map<string, NewestCheck>();
    checks.set(key, known);
    return known;
  };
  const of = (projectId: ProjectId): Branch[] =>
    [...branches.values()].filter((branch) => branch.projectId === projectId);
  return {
    async get(key: BranchKey) {
      return branches.get(branchText(key));
    },
    async save(branch) {
      if ((branches.get(branchText(branch))?.revision ?? 0) !== branch.revision)
        throw new LostRace(`branch ${branch.name} was changed`);
      const next = { ...branch, revision: branch.revision + 1 };
      branches.set(branchText(branch), next);
      return next;
    },
    async listOpen(projectId) {
      return of(projectId).filter(({ isOpen }) => isOpen);
    },
    async atCommit(projectId, sha) {
      return of(projectId).filter(({ head }) => head === sha);
    },
    async due(now, limit) {
      return [...branches.values()]
        .filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)
        .sort((a, b) => +(a.dueAt ?? 0) - +(b.dueAt ?? 0))
        .slice(0, limit);
    },
    async noteCheck(projectId, sha, suite, check) {
      const known = commit(projectId, sha);
      if ((known.get(suite)?.checkRunId ?? 0) < check.checkRunId) known.set(suite, check);
    },
    async newestChecks(projectId, sha) {
      return new Map(commit(projectId, sha));
    },
  };
}

function pullCommentStore(): PullCommentStore {
  const comments = new Map<string, PullComment>();
  const keyOf = (id: ProjectId, number: number): string => JSON.stringify([id, number]);
  return {
    async get(id, number) {
      return comments.get(keyOf(id, number));
    },
    async save(comment) {
      const key = keyOf(comment.projectId, comment.number);
      if ((comments.get(key)?.revision ?? 0) !== comment.revision)
        throw new LostRace(`the comment of #${comment.number} was changed`);
      const next = { ...comment, revision: comment.revision + 1 };
      comments.set(key, next);
      return next;
    },
    async due(now, limit) {
      return [...comments.values()]
        .filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)
        .sort((a, b) => +(a.dueAt ?? 0) - +(b.dueAt ?? 0))
        .slice(0, limit);
    },
  };
}
