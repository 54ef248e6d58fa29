import type { ProjectId } from '../../core/model/ids.ts';
import { hasExpired, isAvailable, mayBeTaken, type Stack, wantsTeardown } from '../../core/model/stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { AcquireParams, StackStore, Turn } from '../../ports/stack-store.ts';
import type { Change, Condition, DynamoTable } from './dynamo-table.ts';
import {
  all,
  available,
  exists,
  hasDeploys,
  hasEndsOf,
  hasExpiredBy,
  hasRequestOf,
  hasRuns,
  hasTeardownsOf,
  hasToken,
  isActive,
  isHeld,
  isIdle,
  isTornDown,
} from './hold-conditions.ts';
import { stackKey } from './keys.ts';
import { versionAttribute } from './migrations.ts';
import { blankStack, handedOver, takenBy, withoutEarlier } from './next-hold.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import {
  birthAttributes,
  checkAttributes,
  deletedStack,
  deploysText,
  holdAttributes,
  noCheck,
  poolKeyOf,
  teardownSet,
  toStack,
} from './stack-item.ts';

export type HoldWrites = Pick<
  StackStore,
  | 'take'
  | 'create'
  | 'renew'
  | 'leave'
  | 'release'
  | 'transferHold'
  | 'setLastDeployedCommit'
  | 'noteDeploy'
  | 'delete'
  | 'checkLater'
>;

/** The writes that decide who has a stack. Each decision is one conditional write of the stack's item. */
export function createHoldWrites(table: DynamoTable): HoldWrites {
  return {
    async take(seen, params) {
      if (!mayBeTaken(seen, params.now)) return undefined;
      const next = takenBy(params, { ...seen, token: seen.token + 1 });
      const turn = { ...turnAttributes(params.turn), teardowns: teardownsOf(params.turn) };
      const set = { ...holdAttributes(next), ...turn, token: next.token };
      const change = { set: { ...set, ...checkAttributes(next, params.checkAt) } };
      const now = isAvailable(seen) ? available : all(isHeld, isIdle, isTornDown, hasEndsOf(seen));
      return takeAs(table, next, params, change, all(exists, hasToken(seen.token), now));
    },

    async create(projectId, number, stackName, params) {
      const next = takenBy(params, blankStack(projectId, number, stackName, params));
      const turn = { ...turnAttributes(params.turn), teardowns: teardownsOf(params.turn) };
      const set = { ...birthAttributes(next), ...holdAttributes(next), ...turn };
      // Added, not set: a deleted stack left its token, and the new one continues from there.
      const change = { set: { ...set, ...checkAttributes(next, params.checkAt) }, add: { token: 1 } };
      const when = 'attribute_not_exists(#pk) OR #kind = :deleted';
      return takeAs(table, next, params, change, { when, values: { ':deleted': deletedStack } });
    },

    async renew(projectId, number, params, token) {
      const key = stackKey(projectId, number);
      const isHolders = all(
        exists,
        { when: '#holder = :holder', values: { ':holder': params.holder } },
        ...(token === undefined ? [] : [hasToken(token)]),
      );
      return retryOnConflict(async () => {
        for (const { change, condition } of renewals(projectId, number, params)) {
          const written = await table.updateIf(key, change, all(isHolders, condition));
          if (written.done) return toStack(written.item);
        }
        const stack = await readStack(table, projectId, number);
        if (stack?.hold?.holder !== params.holder || (token ?? stack.token) !== stack.token) return 'lost';
        return params.turn === undefined ? 'again' : 'busy';
      });
    },

    async leave(projectId, number, runId, { now, reclaimAt }) {
      return retryOnConflict(async () => {
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

    async release(seen, now, { expired = false, unchanged = false } = {}) {
      const { projectId, number, token } = seen;
      if (seen.hold === undefined) return false;
      let stack = seen;
      return retryOnConflict(async () => {
        const { hold: _, ...rest } = stack;
        const set = holdAttributes({ ...rest, modified: now, activeRuns: [] });
        const change = { set: { ...set, ...turnAttributes(undefined), ...noCheck } };
        const given = expired ? all(isHeld, hasExpiredBy(now)) : isHeld;
        const condition = all(exists, given, isIdle, isTornDown, hasToken(token), hasRequestOf(stack));
        const written = await table.updateIf(stackKey(projectId, number), change, condition);
        if (written.done) return true;

        const current = await readStack(table, projectId, number);
        if (current?.token !== token) return false;
        // An earlier try, whose answer was lost on the way, has given it back.
        if (current.hold === undefined) return written.retried;
        if (current.activeRuns.length > 0 || wantsTeardown(current)) return false;
        if (expired && !hasExpired(current, now)) return false;
        if (unchanged) return false;
        stack = current;
        return 'again';
      });
    },

    async transferHold(seen, now, to, { expired = false, overdue = false } = {}) {
      const next = handedOver(seen, now, to);
      if (next === undefined) return undefined;
      const set = { ...holdAttributes(next), ...turnAttributes(undefined), token: next.token };
      const teardowns = teardownSet(next.teardowns ?? []);
      const change = {
        set: { ...set, teardowns, ...undeployed(seen), ...checkAttributes(next, to.checkAt) },
      };
      const given = expired ? all(isHeld, hasExpiredBy(now)) : isHeld;
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

    async noteDeploy({ projectId, number, token }, name, deploy, now) {
      const key = stackKey(projectId, number);
      return retryOnConflict(async () => {
        const item = await table.get(key);
        const stack = item === undefined || item.kind === deletedStack ? undefined : toStack(item);
        if (stack?.hold === undefined || stack.token !== token) return undefined;
        const set = {
          deploys: deploysText({ ...stack.deploys, [name]: deploy }),
          modified: now.toISOString(),
          ...(deploy.begun === undefined && deploy.done !== undefined
            ? { lastDeployedCommit: deploy.done.commit }
            : {}),
        };
        const same = hasDeploys(item?.deploys);
        const written = await table.updateIf(key, { set }, all(exists, isHeld, hasToken(token), same));
        return written.done ? toStack(written.item) : 'again';
      });
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

/** A teardown takes away what Berth deployed. A commit that a client noted stays: Berth does not know what it means. */
function undeployed({ deploys }: Stack): Record<string, undefined> {
  return deploys === undefined ? {} : { deploys: undefined, lastDeployedCommit: undefined };
}

async function readStack(
  table: DynamoTable,
  projectId: ProjectId,
  number: number,
): Promise<Stack | undefined> {
  const item = await table.get(stackKey(projectId, number));
  return item === undefined || item.kind === deletedStack ? undefined : toStack(item);
}

/** Writes the hold of a stack. An attempt whose answer was lost may have succeeded: then the hold is this holder's. */
async function takeAs(
  table: DynamoTable,
  next: Stack,
  params: AcquireParams,
  change: Change,
  condition: Condition,
): Promise<Stack | undefined> {
  const written = await table.updateIf(stackKey(next.projectId, next.number), change, condition);
  if (written.done) return toStack(written.item);
  if (!written.retried) return undefined;
  const stack = await readStack(table, next.projectId, next.number);
  const isOurs = stack?.hold?.holder === params.holder && stack.hold.since.getTime() === params.now.getTime();
  return isOurs ? stack : undefined;
}

function teardownsOf(turn: Turn | undefined): Set<string> | undefined {
  return turn?.teardown === undefined
    ? undefined
    : teardownSet([{ suite: turn.teardown, runId: turn.runId }]);
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
  params: AcquireParams,
): { change: Change; condition: Condition }[] {
  const { turn } = params;
  const next = takenBy(params, blankStack(projectId, number, '', params));
  const attributes = (active: boolean): Record<string, unknown> => {
    // Neither since when it is held changes, nor what for; a hold that is kept for one run is kept for all.
    // The item is written in part, so its version stays too.
    const {
      heldSince: _,
      teardownOf: __,
      [versionAttribute]: ___,
      kept,
      leaseUntil,
      ...rest
    } = holdAttributes(next, active);
    const set = kept === undefined ? rest : { ...rest, kept };
    // A run on the stack of its holder brings no lease: the existing one stays.
    if (turn !== undefined && params.leaseUntil === undefined) return set;
    return { ...set, leaseUntil, ...checkAttributes(next, params.checkAt) };
  };
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
    const change = omitUndefined({ set, add: teardowns === undefined ? undefined : { teardowns } });
    return [{ change, condition: { when: `${free})`, values: { ':mine': mine } } }];
  }
  const add = omitUndefined({ activeRuns: mine, teardowns });
  const change = { set: { ...attributes(true), turnMode: 'shared' }, add };
  const values = { ':mine': mine, ':shared': 'shared' };
  return [{ change, condition: { when: `${free} OR #turnMode = :shared)`, values } }];
}
