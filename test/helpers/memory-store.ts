import { type Branch, type BranchKey, branchText } from '../../app/core/model/branch.ts';
import { BerthError, LostRace } from '../../app/core/model/errors.ts';
import type { PastHold } from '../../app/core/model/hold.ts';
import { type ProjectId, runId as toRunId } from '../../app/core/model/ids.ts';
import type { ApiKey, Project } from '../../app/core/model/project.ts';
import type { PullComment } from '../../app/core/model/pull-comment.ts';
import { isActive, type Run, startingTask } from '../../app/core/model/run.ts';
import type { RunCost } from '../../app/core/model/run-cost.ts';
import { markRunning } from '../../app/core/model/run-transitions.ts';
import type { Session } from '../../app/core/model/session.ts';
import type { Stack } from '../../app/core/model/stack.ts';
import { isWaiting } from '../../app/lib/later.ts';
import type { BranchStore, NewestCheck, PullCommentStore } from '../../app/ports/branch-store.ts';
import type {
  Delivery,
  Page,
  QuotaNote,
  RunFilter,
  RunStore,
  SlotStore,
  Store,
} from '../../app/ports/store.ts';
import { hooked } from './hooked.ts';
import { memorySlots } from './memory-slots.ts';
import { memoryStacks } from './memory-stacks.ts';

/**
 * The store of the property tests: what the port promises and nothing else, each call atomic, with a hook before
 * every call at which a test can let others go first or crash the caller. It passes the contract suite of all stores.
 */
export function memoryStore(before: (call: string) => Promise<void> = () => Promise.resolve()): Store {
  const groups = new Map<string, SlotStore>();
  const state = {
    projects: new Map<string, Project>(),
    keys: new Map<string, ApiKey>(),
    runs: new Map<string, Run>(),
    deliveries: new Map<string, Delivery & { doneUntil?: Date }>(),
    sessions: new Map<string, Session>(),
    costs: new Map<string, RunCost>(),
    chores: new Map<string, Date>(),
    orphans: new Map<string, { since: Date; forgetAt: Date }>(),
    quotas: new Map<'fargate', QuotaNote>(),
  };
  const store: Store = {
    projects: projectStore(state),
    ...memoryStacks(),
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
    slotsOf: (projectId, group) => {
      const key = `${projectId} ${group}`;
      const slots = groups.get(key) ?? memorySlots();
      groups.set(key, slots);
      return slots;
    },
    maintenance: {
      async claim(chore, now, nextAt) {
        const known = state.chores.get(chore) ?? now;
        if (isWaiting(known, now, (nextAt.getTime() - now.getTime()) / 1000)) return false;
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
    holders: watched(store.holders, 'holders'),
    queue: watched(store.queue, 'queue'),
    branches: watched(store.branches, 'branches'),
    comments: watched(store.comments, 'comments'),
    runs: watched(store.runs, 'runs'),
    deliveries: watched(store.deliveries, 'deliveries'),
    sessions: watched(store.sessions, 'sessions'),
    costs: watched(store.costs, 'costs'),
    holds: watched(store.holds, 'holds'),
    maintenance: watched(store.maintenance, 'maintenance'),
    slots: watched(store.slots, 'slots'),
    slotsOf: (projectId, group) => watched(store.slotsOf(projectId, group), 'slots'),
    prepare: store.prepare,
    ping: store.ping,
  };
}

interface State {
  readonly projects: Map<string, Project>;
  readonly keys: Map<string, ApiKey>;
  readonly runs: Map<string, Run>;
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
    async getAll(ids) {
      return ids.flatMap((id) => state.runs.get(id) ?? []);
    },
    async save(run, now) {
      if (state.runs.get(run.id)?.revision !== run.revision) throw new LostRace('run');
      const saved = { ...run, revision: run.revision + 1, updatedAt: now };
      state.runs.set(run.id, saved);
      return saved;
    },
    async noteStarted(id, status, now) {
      const run = state.runs.get(id);
      const isDue = run?.dueAt === undefined || run.dueAt <= now;
      if (run === undefined || isDue || startingTask(run) !== status.arn) return undefined;
      const saved = { ...markRunning(run, status, now), revision: run.revision + 1, updatedAt: now };
      state.runs.set(id, saved);
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
    async listActiveIds(projectId) {
      return active(projectId).map(({ id }) => id);
    },
    async listEnded(projectId, before, limit) {
      return ofProject(projectId)
        .filter((run) => run.settledAt !== undefined && run.createdAt < before)
        .sort((a, b) => +a.createdAt - +b.createdAt)
        .slice(0, limit);
    },
    async createdAtPlace(projectId, place) {
      const newest = ofProject(projectId).sort((a, b) => +b.createdAt - +a.createdAt);
      return newest[place - 1]?.createdAt;
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
    (filter.sha === undefined || run.sha?.startsWith(filter.sha) === true) &&
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
    async getAll(keys) {
      return keys.flatMap((key) => branches.get(branchText(key)) ?? []);
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
      const before = known.get(suite);
      if ((before?.checkRunId ?? 0) < check.checkRunId) known.set(suite, check);
      return before;
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
    async wake(id, number, now, first) {
      const known = comments.get(keyOf(id, number)) ?? first;
      if (known === undefined || known.isDeleted === true) return;
      comments.set(keyOf(id, number), { ...known, revision: known.revision + 1, dueAt: now });
    },
    async due(now, limit) {
      return [...comments.values()]
        .filter(({ dueAt }) => dueAt !== undefined && dueAt <= now)
        .sort((a, b) => +(a.dueAt ?? 0) - +(b.dueAt ?? 0))
        .slice(0, limit);
    },
  };
}
