import type { z } from '@hono/zod-openapi';
import { describeHolder, publicHolder, publicRunId } from '../../core/model/ids.ts';
import type { PastHold } from '../../core/model/past-hold.ts';
import {
  describeHold,
  hasExpired,
  isAvailable,
  type Stack,
  type Ticket,
  wantsTeardown,
} from '../../core/model/stack.ts';
import type { stackHistorySchema, stackSchema, ticketSchema } from '../schemas/stack.ts';

/** Shows a stack at `now`: a hold whose lease has expired counts as released, whatever is stored. */
export function stackView(stack: Stack, now: Date): z.output<typeof stackSchema> {
  const free = isAvailable(stack) || (hasExpired(stack, now) && !wantsTeardown(stack));
  const hold = free ? undefined : stack.hold;
  return {
    stackName: stack.stackName,
    ...(stack.lastDeployedCommit === undefined ? {} : { lastDeployedCommit: stack.lastDeployedCommit }),
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
  };
}

/** A place in line. @param index how many wait before it. */
export function ticketView(ticket: Ticket, index: number): z.output<typeof ticketSchema> {
  return {
    position: index + 1,
    holder: publicHolder(ticket.holder),
    heldBy: describeHolder(ticket.holder),
    branch: ticket.branch,
    stackNumber: ticket.stackNumber ?? null,
    workflowId: ticket.runId === undefined ? null : publicRunId(ticket.runId),
    asked: ticket.asked.toISOString(),
    expires: ticket.expires.toISOString(),
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
