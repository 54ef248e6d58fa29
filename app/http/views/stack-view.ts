import type { z } from '@hono/zod-openapi';
import type { PastHold } from '../../core/model/hold.ts';
import { describeHolder, publicHolder, publicRunId } from '../../core/model/ids.ts';
import {
  describeHold,
  hasExpired,
  isAvailable,
  isReserved,
  mayBeTaken,
  type Stack,
  type Ticket,
} from '../../core/model/stack.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { stackHistorySchema, stackSchema, ticketSchema } from '../schemas/stack.ts';

/**
 * Shows a stack at `now`: a hold whose lease has expired counts as released, whatever is stored.
 *
 * @param headCommit the latest commit of the stack's branch.
 */
export function stackView(stack: Stack, now: Date, headCommit?: string): z.output<typeof stackSchema> {
  const free = mayBeTaken(stack, now) && (isAvailable(stack) || hasExpired(stack, now));
  const hold = free ? undefined : stack.hold;
  const { dirty } = stack;
  const latestFirst = Object.values(stack.deploys ?? {})
    .flatMap(({ done }) => (done === undefined ? [] : [done]))
    .sort((a, b) => b.at.getTime() - a.at.getTime());
  return {
    stackName: stack.stackName,
    ...omitUndefined({ lastDeployedCommit: stack.lastDeployedCommit }),
    isAvailable: free,
    branch: stack.branch,
    created: stack.created.toISOString(),
    modified: stack.modified.toISOString(),
    entity: 'Stack',
    lastRequested: stack.lastRequested.toISOString(),
    holder: hold === undefined ? null : publicHolder(hold.holder),
    heldBy: hold === undefined ? null : describeHold(hold),
    heldSince: hold?.since.toISOString() ?? null,
    leaseUntil: hold?.leaseUntil?.toISOString() ?? null,
    reclaimAt: hold?.reclaimAt?.toISOString() ?? null,
    lockToken: hold === undefined ? null : stack.token,
    activeRuns: stack.activeRuns.map(publicRunId),
    state: dirty === undefined ? 'clean' : 'dirty',
    dirty:
      dirty === undefined
        ? null
        : {
            since: dirty.since.toISOString(),
            reason: dirty.reason,
            attempts: dirty.attempts,
            retryAt: dirty.retryAt?.toISOString() ?? null,
          },
    reservation: reservationView(stack, now),
    url: latestFirst.find(({ url }) => url !== undefined)?.url ?? null,
    deployedAt: latestFirst[0]?.at.toISOString() ?? null,
    headCommit: headCommit ?? null,
    ...(stack.deploys === undefined ? {} : { deploys: deployViews(stack.deploys) }),
  };
}

function reservationView(stack: Stack, now: Date): z.output<typeof stackSchema>['reservation'] {
  if (stack.reservation === undefined || !isReserved(stack, now)) return null;
  const { by, reason, since, until } = stack.reservation;
  return { by, reason, since: since.toISOString(), until: until.toISOString() };
}

function deployViews(deploys: NonNullable<Stack['deploys']>) {
  return Object.entries(deploys).map(([name, { done, begun }]) => ({
    name,
    commit: done?.commit ?? null,
    deployedAt: done?.at.toISOString() ?? null,
    workflowId: done === undefined ? null : publicRunId(done.runId),
    url: done?.url ?? null,
    outputs: { ...done?.outputs },
    isUnfinished: begun !== undefined,
  }));
}

/**
 * A place in the queue.
 *
 * @param index how many wait before it.
 */
export function ticketView(
  ticket: Ticket,
  index: number,
  estimatedSeconds: number | undefined,
): z.output<typeof ticketSchema> {
  return {
    position: index + 1,
    holder: publicHolder(ticket.holder),
    heldBy: describeHolder(ticket.holder),
    branch: ticket.branch,
    stackNumber: ticket.stackNumber ?? null,
    workflowId: ticket.runId === undefined ? null : publicRunId(ticket.runId),
    asked: ticket.asked.toISOString(),
    expires: ticket.expires.toISOString(),
    estimatedSeconds: estimatedSeconds ?? null,
  };
}

export function stackHistoryView(holds: readonly PastHold[]): z.output<typeof stackHistorySchema> {
  return {
    holds: holds.map(({ token, holder, branch, since, until, deployments }) => ({
      lockToken: token,
      holder: publicHolder(holder),
      heldBy: describeHolder(holder),
      branch,
      since: since.toISOString(),
      until: until?.toISOString() ?? null,
      deployments: deployments.map(({ commit, at }) => ({ commit, at: at.toISOString() })),
    })),
  };
}
