import type { ProjectId, RunId } from '../../domain/ids.ts';
import {
  hasLapsed,
  isAvailable,
  mayBeTaken,
  type Stack,
  type WantedTeardown,
  wantsTeardown,
} from '../../domain/stack.ts';
import type { Handover, StackStore, Taking, Turn } from '../../ports/store.ts';
import type { Change, Condition, DynamoTable } from './dynamo-table.ts';
import { stackKey } from './keys.ts';
import {
  birthAttributes,
  checkAttributes,
  deletedStack,
  holdAttributes,
  noCheck,
  poolKeyOf,
  teardownText,
  toStack,
} from './stack-item.ts';
import { untilSettled } from './until-settled.ts';

export type HoldWrites = Pick<
  StackStore,
  | 'take'
  | 'create'
  | 'renew'
  | 'leave'
  | 'release'
  | 'handOver'
  | 'setLastDeployedCommit'
  | 'delete'
  | 'checkLater'
>;

// What conditions are made of.
const exists = { when: '#kind = :stack', values: { ':stack': 'stack' } };
const available = { when: 'attribute_not_exists(#holder)' };
const isHeld = { when: 'attribute_exists(#holder)' };
const isIdle = { when: 'attribute_not_exists(#activeRuns)' };
const isTornDown = { when: 'attribute_not_exists(#teardowns)' };
const isActive = { when: 'attribute_exists(#activeRuns)' };

/** The writes that decide who has a stack. Each decision is one conditional write of the stack's item. */
export function createHoldWrites(table: DynamoTable): HoldWrites {
  return {
    async take(seen, taking) {
      if (!mayBeTaken(seen, taking.now)) return undefined;
      const next = takenBy(taking, { ...seen, token: seen.token + 1 });
      const turn = { ...turnAttributes(taking.turn), teardowns: teardownsOf(taking.turn) };
      const set = { ...holdAttributes(next), ...turn, token: next.token };
      const change = { set: { ...set, ...checkAttributes(next, taking.checkAt) } };
      const now = isAvailable(seen) ? available : all(isHeld, isIdle, isTornDown, hasEndsOf(seen));
      return takeAs(table, next, taking, change, all(exists, hasToken(seen.token), now));
    },

    async create(projectId, number, stackName, taking) {
      const next = takenBy(taking, blankStack(projectId, number, stackName, taking));
      const turn = { ...turnAttributes(taking.turn), teardowns: teardownsOf(taking.turn) };
      const set = { ...birthAttributes(next), ...holdAttributes(next), ...turn };
      // Added, not set: a stack that was deleted left its token, and the new one goes on from there.
      const change = { set: { ...set, ...checkAttributes(next, taking.checkAt) }, add: { token: 1 } };
      const when = 'attribute_not_exists(#pk) OR #kind = :deleted';
      return takeAs(table, next, taking, change, { when, values: { ':deleted': deletedStack } });
    },

    async renew(projectId, number, taking, token) {
      const key = stackKey(projectId, number);
      const isHolders = all(
        exists,
        { when: '#holder = :holder', values: { ':holder': taking.holder } },
        ...(token === undefined ? [] : [hasToken(token)]),
      );
      return untilSettled(async () => {
        for (const { change, condition } of renewals(projectId, number, taking)) {
          const written = await table.updateIf(key, change, all(isHolders, condition));
          if (written.done) return toStack(written.item);
        }
        const stack = await readStack(table, projectId, number);
        if (stack?.hold?.holder !== taking.holder || (token ?? stack.token) !== stack.token) return 'lost';
        return taking.turn === undefined ? 'again' : 'busy';
      });
    },

    async leave(projectId, number, runId, { now, reclaimAt }) {
      return untilSettled(async () => {
        const stack = await readStack(table, projectId, number);
        if (stack?.hold === undefined || !stack.activeRuns.includes(runId)) return stack;
        const activeRuns = stack.activeRuns.filter((run) => run !== runId);
        const hold = reclaimAt === undefined ? stack.hold : { ...stack.hold, reclaimAt };
        const next = { ...stack, hold, activeRuns };
        const set = {
          modified: now.toISOString(),
          reclaimAt: hold.reclaimAt?.toISOString(),
          poolKey: poolKeyOf(next, activeRuns.length > 0),
          ...(activeRuns.length > 0 ? { activeRuns: new Set(activeRuns) } : turnAttributes(undefined)),
          teardowns: teardownSet(withoutEarlier(stack, runId)),
        };
        const runs = all(hasRuns(stack.activeRuns), hasTeardownsOf(stack));
        const condition = all(exists, hasToken(stack.token), runs, hasEndsOf(stack));
        const written = await table.updateIf(stackKey(projectId, number), { set }, condition);
        return written.done ? toStack(written.item) : 'again';
      });
    },

    async release(seen, now, { lapsed = false } = {}) {
      const { projectId, number, token } = seen;
      if (seen.hold === undefined) return false;
      let stack = seen;
      return untilSettled(async () => {
        const { hold: _, ...rest } = stack;
        const set = holdAttributes({ ...rest, modified: now, activeRuns: [] });
        const change = { set: { ...set, ...turnAttributes(undefined), ...noCheck } };
        const given = lapsed ? all(isHeld, hasLapsedBy(now)) : isHeld;
        const condition = all(exists, given, isIdle, isTornDown, hasToken(token), hasRequestOf(stack));
        const written = await table.updateIf(stackKey(projectId, number), change, condition);
        if (written.done) return true;

        const current = await readStack(table, projectId, number);
        if (current?.token !== token) return false;
        // An earlier try, whose answer was lost on the way, has given it back.
        if (current.hold === undefined) return written.retried;
        if (current.activeRuns.length > 0 || wantsTeardown(current)) return false;
        if (lapsed && !hasLapsed(current, now)) return false;
        stack = current;
        return 'again';
      });
    },

    async handOver(seen, now, to, { lapsed = false, overdue = false } = {}) {
      const next = handedOver(seen, now, to);
      if (next === undefined) return undefined;
      const set = { ...holdAttributes(next), ...turnAttributes(undefined), token: next.token };
      const teardowns = teardownSet(next.teardowns ?? []);
      const change = { set: { ...set, teardowns, ...checkAttributes(next, to.checkAt) } };
      const given = lapsed ? all(isHeld, hasLapsedBy(now)) : isHeld;
      const same = all(hasToken(seen.token), hasRequestOf(seen), hasTeardownsOf(seen));
      const ends = overdue ? [hasEndsOf(seen)] : [];
      const condition = all(exists, given, isIdle, same, ...ends);
      const written = await table.updateIf(stackKey(next.projectId, next.number), change, condition);
      if (written.done) return toStack(written.item);
      if (!written.retried) return undefined;
      const stack = await readStack(table, next.projectId, next.number);
      return stack?.hold?.holder === to.holder ? stack : undefined;
    },

    async setLastDeployedCommit(projectId, number, commit, now, token) {
      const change = { set: { lastDeployedCommit: commit, modified: now.toISOString() } };
      const condition = token === undefined ? exists : all(exists, isHeld, hasToken(token));
      const written = await table.updateIf(stackKey(projectId, number), change, condition);
      return written.done ? toStack(written.item) : undefined;
    },

    async delete({ projectId, number, token }) {
      const rest = { ...stackKey(projectId, number), kind: deletedStack, token };
      return table.put(rest, all(exists, available, hasToken(token)));
    },

    async checkLater(seen, checkAt) {
      const change = { set: checkAttributes(seen, checkAt) };
      const condition = all(exists, isHeld, hasToken(seen.token));
      await table.updateIf(stackKey(seen.projectId, seen.number), change, condition);
    },
  };
}

async function readStack(
  table: DynamoTable,
  projectId: ProjectId,
  number: number,
): Promise<Stack | undefined> {
  const item = await table.get(stackKey(projectId, number));
  return item === undefined || item.kind === deletedStack ? undefined : toStack(item);
}

/** Writes the taking of a stack. A try whose answer was lost on the way may have taken it: then it is ours. */
async function takeAs(
  table: DynamoTable,
  next: Stack,
  taking: Taking,
  change: Change,
  condition: Condition,
): Promise<Stack | undefined> {
  const written = await table.updateIf(stackKey(next.projectId, next.number), change, condition);
  if (written.done) return toStack(written.item);
  if (!written.retried) return undefined;
  const stack = await readStack(table, next.projectId, next.number);
  const isOurs = stack?.hold?.holder === taking.holder && stack.hold.since.getTime() === taking.now.getTime();
  return isOurs ? stack : undefined;
}

function blankStack(projectId: ProjectId, number: number, stackName: string, taking: Taking): Stack {
  const { branch, now } = taking;
  const times = { created: now, modified: now, lastRequested: now };
  return { projectId, number, stackName, branch, ...times, token: 0, activeRuns: [] };
}

function takenBy(taking: Taking, stack: Stack): Stack {
  const { holder, branch, now, leaseUntil, reclaimAt, turn } = taking;
  const hold = {
    holder,
    since: now,
    ...(leaseUntil === undefined ? {} : { leaseUntil }),
    ...(reclaimAt === undefined ? {} : { reclaimAt }),
  };
  const activeRuns = turn === undefined ? [] : [turn.runId];
  return { ...stack, branch, modified: now, lastRequested: now, hold, activeRuns };
}

/** The stack as the run has it that tears it down. */
function handedOver(seen: Stack, now: Date, to: Handover): Stack | undefined {
  if (seen.hold === undefined || seen.activeRuns.length > 0) return undefined;
  const { suite, runId } = to.teardown;
  const teardowns = (seen.teardowns ?? []).filter((one) => one.suite !== suite);
  const hold = { holder: to.holder, since: now, teardownOf: runId };
  return { ...seen, modified: now, token: seen.token + 1, hold, activeRuns: [], teardowns };
}

/** What a stack has to see after a turn has ended: of one suite's teardowns, that of the run which used it last. */
function withoutEarlier({ teardowns = [], activeRuns }: Stack, runId: RunId): readonly WantedTeardown[] {
  const own = teardowns.find((one) => one.runId === runId);
  if (own === undefined) return teardowns;
  return teardowns.filter(
    (one) => one.suite !== own.suite || one.runId === runId || activeRuns.includes(one.runId),
  );
}

function teardownsOf(turn: Turn | undefined): Set<string> | undefined {
  return turn?.teardown === undefined
    ? undefined
    : teardownSet([{ suite: turn.teardown, runId: turn.runId }]);
}

function teardownSet(teardowns: readonly WantedTeardown[]): Set<string> | undefined {
  return teardowns.length === 0 ? undefined : new Set(teardowns.map(teardownText));
}

function hasTeardownsOf({ teardowns = [] }: Stack): Condition {
  const set = teardownSet(teardowns);
  return set === undefined ? isTornDown : { when: '#teardowns = :teardowns', values: { ':teardowns': set } };
}

function turnAttributes(turn: Turn | undefined): Record<string, unknown> {
  return turn === undefined
    ? { activeRuns: undefined, turnMode: undefined }
    : { activeRuns: new Set([turn.runId]), turnMode: turn.shares ? 'shared' : 'exclusive' };
}

/** The writes that a renewal may come to, the likeliest first: what they say depends on whether a run is active. */
function renewals(
  projectId: ProjectId,
  number: number,
  taking: Taking,
): { change: Change; condition: Condition }[] {
  const next = takenBy(taking, blankStack(projectId, number, '', taking));
  const attributes = (active: boolean): Record<string, unknown> => {
    // Neither since when it is held changes, nor what for.
    const { heldSince: _, teardownOf: __, ...set } = holdAttributes(next, active);
    return { ...set, ...checkAttributes(next, taking.checkAt) };
  };
  const { turn } = taking;
  if (turn === undefined) {
    return [
      { change: { set: attributes(false) }, condition: isIdle },
      { change: { set: attributes(true) }, condition: isActive },
    ];
  }
  const mine = new Set([turn.runId]);
  const teardowns = teardownsOf(turn);
  const free = '(attribute_not_exists(#activeRuns) OR #activeRuns = :mine';
  if (!turn.shares) {
    const set = { ...attributes(true), ...turnAttributes(turn) };
    const change = { set, ...(teardowns === undefined ? {} : { add: { teardowns } }) };
    return [{ change, condition: { when: `${free})`, values: { ':mine': mine } } }];
  }
  const add = { activeRuns: mine, ...(teardowns === undefined ? {} : { teardowns }) };
  const change = { set: { ...attributes(true), turnMode: 'shared' }, add };
  const values = { ':mine': mine, ':shared': 'shared' };
  return [{ change, condition: { when: `${free} OR #turnMode = :shared)`, values } }];
}

function hasToken(token: number): Condition {
  return { when: '#token = :token', values: { ':token': token } };
}

function hasRuns(runs: Stack['activeRuns']): Condition {
  return { when: '#activeRuns = :runs', values: { ':runs': new Set(runs) } };
}

function hasRequestOf(stack: Stack): Condition {
  return {
    when: '#lastRequested = :lastRequested AND #branch = :branch',
    values: { ':lastRequested': stack.lastRequested.toISOString(), ':branch': stack.branch },
  };
}

function hasLapsedBy(now: Date): Condition {
  return { when: '#leaseUntil <= :now', values: { ':now': now.toISOString() } };
}

/** The lease and the idle time end when they ended as the stack was seen. */
function hasEndsOf({ hold }: Stack): Condition {
  const at = (name: string, end: Date | undefined): Condition =>
    end === undefined
      ? { when: `attribute_not_exists(#${name})` }
      : { when: `#${name} = :${name}`, values: { [`:${name}`]: end.toISOString() } };
  return all(at('leaseUntil', hold?.leaseUntil), at('reclaimAt', hold?.reclaimAt));
}

function all(...conditions: readonly Condition[]): Condition {
  return {
    when: conditions.map((condition) => condition.when).join(' AND '),
    values: Object.assign({}, ...conditions.map((condition) => condition.values)),
  };
}
