import { z } from 'zod';
import { projectId, runId, storedHolder } from '../../core/model/ids.ts';
import { isAvailable, type Stack, type WantedTeardown } from '../../core/model/stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Item } from './dynamo-table.ts';
import {
  branchPart,
  descendingDigits,
  descendingTimeKey,
  dueShards,
  keyPart,
  stackDigits,
  timeKey,
  timeOfKey,
} from './keys.ts';
import { currentVersion, migrate, versionAttribute } from './migrations.ts';
import { parseItem, storedDate } from './parse-item.ts';

/** The prefix of each kind of item in the index `pool`: waiting tickets, free stacks, and holds that end. */
export const poolParts = { tickets: '1#', free: '2#', expiring: '3#' } as const;

/** The type of what remains of a deleted stack: its token, for a later stack with its number. */
export const deletedStack = 'deletedStack';

/** Elements of a set, as text: the names and IDs contain no line breaks. */
function teardownText({ suite, runId: id }: WantedTeardown): string {
  return `${suite}\n${id}`;
}

/** Omitted if empty: DynamoDB has no empty sets. */
function teardownSet(teardowns: readonly WantedTeardown[]): Set<string> | undefined {
  return teardowns.length === 0 ? undefined : new Set(teardowns.map(teardownText));
}

function toTeardown(text: string): WantedTeardown {
  const [suite = '', id = ''] = text.split('\n');
  return { suite, runId: runId(id) };
}

const storedDeploySchema = z.record(
  z.string(),
  z.object({
    done: z
      .object({
        commit: z.string(),
        runId: z.string().transform(runId),
        at: storedDate,
        seconds: z.number(),
        recipe: z.string(),
        outputs: z.record(z.string(), z.string()),
        url: z.string().exactOptional(),
      })
      .exactOptional(),
    begun: z
      .object({
        runId: z.string().transform(runId),
        at: storedDate,
        commit: z.string().exactOptional(),
      })
      .exactOptional(),
  }),
);

const stackItemSchema = z.object({
  kind: z.literal('stack'),
  projectId: z.string().transform(projectId),
  number: z.number().int().positive(),
  stackName: z.string(),
  branch: z.string(),
  lastDeployedCommit: z.string().exactOptional(),
  created: storedDate,
  modified: storedDate,
  lastRequested: storedDate,
  revision: z.number().int().nonnegative().default(0),
  token: z.number().int().nonnegative(),
  holder: z.string().transform(storedHolder).exactOptional(),
  heldSince: storedDate.exactOptional(),
  leaseUntil: storedDate.exactOptional(),
  reclaimAt: storedDate.exactOptional(),
  kept: z.literal(true).exactOptional(),
  activeRuns: z.set(z.string().transform(runId)).exactOptional(),
  teardowns: z.set(z.string().transform(toTeardown)).exactOptional(),
  teardownOf: z.string().transform(runId).exactOptional(),
  deploys: z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(storedDeploySchema)
    .exactOptional(),
  dirty: z
    .looseObject({
      since: storedDate,
      reason: z.string(),
      attempts: z.number().int(),
      retryAt: storedDate.exactOptional(),
    })
    .exactOptional(),
  reservation: z
    .looseObject({ by: z.string(), reason: z.string(), since: storedDate, until: storedDate })
    .exactOptional(),
  turnMode: z.string().exactOptional(),
  awaited: z.literal(true).exactOptional(),
  dueKey: z.string().exactOptional(),
});

export function toStack(item: Item): Stack {
  const {
    kind: _,
    holder,
    heldSince,
    leaseUntil,
    reclaimAt,
    kept,
    activeRuns,
    teardowns,
    teardownOf,
    turnMode,
    dueKey,
    ...rest
  } = parseItem(stackItemSchema, migrate('stack', item));
  const isHeld = holder !== undefined && heldSince !== undefined;
  return omitUndefined({
    ...rest,
    hold: isHeld
      ? omitUndefined({ holder, since: heldSince, leaseUntil, reclaimAt, kept, teardownOf })
      : undefined,
    activeRuns: [...(activeRuns ?? [])],
    sharesTurns: turnMode === 'shared' ? (true as const) : undefined,
    teardowns: teardowns && [...teardowns],
    checkAt: dueKey === undefined ? undefined : timeOfKey(dueKey),
  });
}

/** All attributes of a stack, and the index keys that follow from them. Undefined ones are removed. */
export function stackAttributes(stack: Stack): Record<string, unknown> {
  const { hold, activeRuns, checkAt } = stack;
  const isActive = activeRuns.length > 0;
  return {
    kind: 'stack',
    [versionAttribute]: currentVersion('stack'),
    projectId: stack.projectId,
    number: stack.number,
    stackName: stack.stackName,
    branch: stack.branch,
    lastDeployedCommit: stack.lastDeployedCommit,
    created: stack.created,
    modified: stack.modified,
    lastRequested: stack.lastRequested,
    revision: stack.revision,
    token: stack.token,
    holder: hold?.holder,
    heldSince: hold?.since,
    leaseUntil: hold?.leaseUntil,
    reclaimAt: hold?.reclaimAt,
    kept: hold?.kept,
    teardownOf: hold?.teardownOf,
    activeRuns: isActive ? new Set(activeRuns) : undefined,
    turnMode: isActive ? (stack.sharesTurns === true ? 'shared' : 'exclusive') : undefined,
    awaited: stack.awaited,
    teardowns: teardownSet(stack.teardowns ?? []),
    // As text: it is read and written as a whole.
    deploys: stack.deploys && JSON.stringify(stack.deploys),
    dirty: stack.dirty,
    reservation: stack.reservation,
    liveKey: descendingDigits(stack.number),
    poolKey: poolKeyOf(stack),
    affinityKey: affinityKeyOf(stack),
    dueShard: checkAt === undefined ? undefined : dueShards.stacks,
    dueKey: checkAt && timeKey(checkAt, keyPart(stack.projectId), stackDigits(stack.number)),
  };
}

/**
 * A stack that cannot be acquired, now or after some time, is not in the pool's index: it would only be
 * in the way of those that can.
 */
function poolKeyOf(stack: Stack): string | undefined {
  const digits = stackDigits(stack.number);
  if (stack.dirty !== undefined) return undefined;
  if (isAvailable(stack)) {
    return stack.reservation === undefined
      ? poolParts.free + timeKey(stack.lastRequested, digits)
      : poolParts.expiring + timeKey(stack.reservation.until, digits);
  }
  const ends = [stack.hold?.leaseUntil, stack.hold?.reclaimAt].filter((end) => end !== undefined);
  if (ends.length === 0 || stack.activeRuns.length > 0) return undefined;
  const first = new Date(Math.min(...ends.map((end) => end.getTime())));
  return poolParts.expiring + timeKey(first, digits);
}

function affinityKeyOf(stack: Stack): string | undefined {
  if (!isAvailable(stack) || stack.dirty !== undefined || stack.reservation !== undefined) return undefined;
  return `${branchPart(stack.branch)}#${descendingTimeKey(stack.lastRequested, stackDigits(stack.number))}`;
}
