import { later } from '../../lib/later.ts';
import type { StoreClockDeps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import { type Hold, hasExpired, type Stack } from '../model/stack.ts';
import { changeStack } from './change-stack.ts';
import { findStack, staleToken } from './release-stack.ts';

/**
 * Changes the end of a lease.
 *
 * @param request.leaseSeconds from now.
 * @param request.token only for this hold.
 * @throws BerthError `stack_not_found`; `stack_token_stale` if the hold has ended or is a different one; `conflict` if the
 *   hold has no lease.
 */
export async function extendLease(
  deps: StoreClockDeps,
  request: { project: Project; stackName: string; leaseSeconds: number; token?: number },
): Promise<Stack> {
  const { project, leaseSeconds, token } = request;
  const stack = await findStack(deps, project, request.stackName);
  const now = deps.clock.now();
  const { hold } = stack;
  if (hold === undefined || hasExpired(stack, now) || (token !== undefined && token !== stack.token))
    throw staleToken(stack, token);
  if (hold.leaseUntil === undefined) {
    throw new BerthError('conflict', `Stack ${stack.stackName} is held without a lease.`, {
      hint: 'It is held until it is released, so it cannot be extended.',
    });
  }
  const leaseUntil = later(now, leaseSeconds);
  const renewed = await changeStack(deps.store.stacks, stack, (current) =>
    current.token === stack.token && current.hold !== undefined
      ? withLease(current, current.hold, leaseUntil, now)
      : undefined,
  );
  if (renewed === undefined) throw staleToken(stack, token);
  return renewed;
}

/** Restarts the idle time, because the holder has just renewed the lease. */
function withLease(stack: Stack, hold: Hold, leaseUntil: Date, now: Date): Stack {
  const { reclaimAt } = hold;
  const next = reclaimAt === undefined ? hold : { ...hold, reclaimAt: laterOf(reclaimAt, now) };
  return { ...stack, modified: now, lastRequested: now, hold: { ...next, leaseUntil }, checkAt: leaseUntil };
}

function laterOf(one: Date, other: Date): Date {
  return one > other ? one : other;
}
