import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreDeps } from '../deps.ts';
import { branchOfHolder, type Holder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import type { Stack } from '../model/stack.ts';
import { endTurn } from './acquire-stack.ts';
import { changeStack } from './change-stack.ts';
import { explainsHold, explainsTurn } from './explain-hold.ts';
import { grantWaiters, type LineDeps } from './grant-waiters.ts';
import { releaseHold } from './release-stack.ts';
import { endReservation } from './reserve-stack.ts';
import { retryTeardown } from './tear-down-stack.ts';

/**
 * Reconciles a stack that is due: ends its reservation, retries its teardown, and checks its hold.
 *
 * @param live the active runs of the project, read after the stack.
 */
export async function checkStack(
  deps: LineDeps & Pick<Deps, 'log'>,
  project: Project,
  seen: Stack,
  live: readonly Run[],
): Promise<void> {
  const now = deps.clock.now();
  let stack = seen;
  if (stack.reservation !== undefined && stack.reservation.until <= now) {
    stack = (await endReservation(deps, stack)) ?? stack;
    if (stack.hold === undefined) await grantWaiters(deps, project);
  }
  if (stack.hold !== undefined) return checkHold(deps, project, stack, live);
  if (stack.dirty?.retryAt !== undefined && stack.dirty.retryAt <= now)
    await retryTeardown(deps, project, stack);
}

/**
 * Checks that something explains a hold: ends the turns of ended runs, and the hold itself if nothing that
 * lives explains it.
 *
 * @param seen the stack before `live` was read.
 * @param live the active runs of the project.
 */
async function checkHold(
  deps: LineDeps & Pick<Deps, 'log'>,
  project: Project,
  seen: Stack,
  live: readonly Run[],
): Promise<void> {
  const stack = await withoutEndedTurns(deps, project, seen);
  const { hold } = stack;
  if (hold === undefined) return;
  const now = deps.clock.now();
  const record = await deps.store.holders.get(project.id, hold.holder);
  // Only a kept hold is explained by a branch: the others need no read of it.
  const isOpen =
    hold.kept === true &&
    project.suspendedAt === undefined &&
    (await isBranchOpen(deps, project, hold.holder));
  if (explainsHold(stack, live, record, now, isOpen)) {
    return checkLater(deps, stack, nextCheck(deps, stack, now));
  }
  const expired = hold.leaseUntil !== undefined;
  const released = await releaseHold(deps, project, stack, {
    ...(expired ? { expired } : { unchanged: true }),
    ...omitUndefined({ record }),
  });
  if (released) {
    const facts = { project: project.id, stack: stack.stackName, holder: hold.holder };
    if (!expired) deps.log.warn(facts, 'a hold without an explanation was released');
  } else await checkLater(deps, stack, nextCheck(deps, stack, now));
}

/** Schedules the next check of a hold, unless it has ended. */
async function checkLater({ store }: StoreDeps, seen: Stack, checkAt: Date): Promise<void> {
  await changeStack(store.stacks, seen, (stack) =>
    stack.hold === undefined || stack.token !== seen.token ? undefined : { ...stack, checkAt },
  );
}

/** A branch holds its stack while it has an open pull request. The comparison handles branches that were never reconciled. */
async function isBranchOpen({ store }: StoreDeps, project: Project, holder: Holder): Promise<boolean> {
  const name = branchOfHolder(holder);
  const open =
    name === undefined || project.github === undefined
      ? (await store.branches.listOpen(project.id)).find((branch) => branch.holder === holder)
      : await store.branches.get({
          projectId: project.id,
          repositoryId: project.github.repositoryId,
          name,
        });
  return open === undefined || (open.isOpen && open.holder === holder && open.pulls.length > 0);
}

/** A lease is checked when it expires, everything else periodically. */
function nextCheck({ policy }: Pick<Deps, 'policy'>, { hold, reservation }: Stack, now: Date): Date {
  const usual = later(now, policy.holdCheckSeconds);
  const ends = [hold?.leaseUntil, reservation?.until].filter((end) => end !== undefined && end > now);
  return ends.reduce((first: Date, end) => (end !== undefined && end < first ? end : first), usual);
}

async function withoutEndedTurns(deps: LineDeps, project: Project, seen: Stack): Promise<Stack> {
  let stack: Stack | undefined = seen;
  for (const id of seen.activeRuns) {
    if (explainsTurn(await deps.store.runs.get(id), seen)) continue;
    stack = await endTurn(deps, project, stack ?? seen, id);
  }
  // A different hold has its own check.
  return stack?.token === seen.token ? stack : seen;
}
