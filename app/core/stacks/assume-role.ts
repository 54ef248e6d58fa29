import { createHash } from 'node:crypto';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RoleSession } from '../../ports/role-sessions.ts';
import { isOfTag } from '../branches/branch-of.ts';
import type { Deps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { Run } from '../model/run.ts';
import { stackNumberOf } from '../model/stack.ts';

export type RoleDeps = Pick<Deps, 'store' | 'clock' | 'roles'>;

/** The longest session of a role that is assumed through another: one hour. */
const longestSeconds = 3600;
/** The shortest session that STS issues. */
const shortestSeconds = 900;

/**
 * Assumes the role of a run, for the hold of its stack only: the session carries the stack and the fencing token, and ends
 * with the lease. Code that Berth does not trust gets none.
 *
 * @returns undefined if the run has no role, or this Berth issues no sessions.
 * @throws BerthError `hold_ended` if the hold has ended; `role_refused`.
 */
export async function assumeRole(deps: RoleDeps, run: Run): Promise<RoleSession | undefined> {
  const { spec, held, projectId } = run;
  if (spec.role === undefined || spec.untrusted || held === undefined || deps.roles === undefined)
    return undefined;
  if (run.cancel !== undefined || run.stop !== undefined) {
    throw new BerthError('hold_ended', 'The run is being stopped, so its role is refused.');
  }
  const number = stackNumberOf(held.stackName);
  const stack = number === undefined ? undefined : await deps.store.stacks.get(projectId, number);
  const now = deps.clock.now();
  const leaseUntil = stack?.hold?.leaseUntil;
  const isHeld = stack?.hold !== undefined && stack.token === held.token;
  if (!isHeld || (leaseUntil !== undefined && leaseUntil <= now)) {
    throw new BerthError(
      'hold_ended',
      `The hold of the stack ${held.stackName} has ended, so its role is refused.`,
    );
  }
  const left = leaseUntil === undefined ? longestSeconds : (leaseUntil.getTime() - now.getTime()) / 1000;
  return deps.roles.assume({
    role: spec.role,
    externalId: projectId,
    name: sessionName(held.stackName, held.token, run.id),
    tags: {
      'berth:project': tagValue(projectId),
      'berth:stack': tagValue(held.stackName),
      'berth:branch': tagValue(verifiedBranch(run)),
      'berth:token': String(held.token),
      'berth:run': tagValue(run.id),
    },
    durationSeconds: Math.floor(Math.min(longestSeconds, Math.max(shortestSeconds, left))),
    ...omitUndefined({ endsAt: leaseUntil }),
  });
}

/**
 * The branch, in a form that policies can rely on. A tag may have the name of a branch, and a request can name any branch
 * with any code. No branch has a colon in its name.
 */
function verifiedBranch(run: Run): string {
  const { branch } = run.spec;
  if (isOfTag(run)) return `tag:${branch}`;
  return run.github === undefined ? `api:${branch}` : branch;
}

/** CloudTrail shows it. */
function sessionName(stackName: string, token: number, id: string): string {
  return `berth-${stackName}-${token}-${id}`.replace(/[^\w+=,.@-]/g, '_').slice(0, 64);
}

/** Restricts a text to the characters that AWS allows in a tag. A changed text ends in a digest of the original. */
function tagValue(text: string): string {
  const allowed = text.replace(/[^\p{L}\p{N} _.:/=+@-]/gu, '_');
  if (allowed === text && text.length <= 256) return text;
  return `${allowed.slice(0, 240)}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
}
