import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import { hasExpired, type Stack } from '../model/stack.ts';
import { findStack, staleToken } from './release-stack.ts';

/**
 * Moves the end of a lease.
 *
 * @param request.leaseSeconds from now.
 * @param request.token only of this hold.
 * @throws BerthError `stack_not_found`; `stack_token_stale` where the hold has ended or is another; `conflict` where the
 *   hold has no lease that could end.
 */
export async function extendLease(
  deps: Pick<Deps, 'store' | 'clock'>,
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
      hint: 'It is held until it is released, and needs no more time.',
    });
  }
  const leaseUntil = later(now, leaseSeconds);
  const renewed = await deps.store.stacks.renew(
    project.id,
    stack.number,
    omitUndefined({
      holder: hold.holder,
      branch: stack.branch,
      now,
      leaseUntil,
      reclaimAt: hold.reclaimAt === undefined ? undefined : laterOf(hold.reclaimAt, now),
      checkAt: leaseUntil,
    }),
    stack.token,
  );
  if (renewed === 'lost' || renewed === 'busy') throw staleToken(stack, token);
  return renewed;
}

function laterOf(one: Date, other: Date): Date {
  return one > other ? one : other;
}
