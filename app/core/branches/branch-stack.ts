import { durationText, momentText, ordinal } from '../../lib/format.ts';
import { inlineCode, prose } from '../../lib/markdown.ts';
import type { StoreClockDeps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { isReserved, type Stack, wantsTeardown } from '../model/stack.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { cleanStack } from '../stacks/clean-stack.ts';
import { estimateWaits } from '../stacks/estimate-wait.ts';
import type { LineDeps } from '../stacks/grant-waiters.ts';
import { readHolder } from '../stacks/holder-records.ts';
import { positionOf } from '../stacks/queue-order.ts';
import { releaseHolder } from '../stacks/release-stack.ts';
import { reserveStack, unreserveStack } from '../stacks/reserve-stack.ts';
import { isOfBranch } from './branch-of.ts';

/** Describes the stack that a branch holds, or its position in the queue. */
export async function describeStack(
  deps: StoreClockDeps,
  project: GithubProject,
  branch: Branch,
): Promise<string> {
  const { stack, record } = await readHolder(deps.store, project.id, branch.holder);
  if (stack?.hold !== undefined) {
    const deployed =
      stack.lastDeployedCommit === undefined ? '' : `, with ${inlineCode(stack.lastDeployedCommit)} deployed`;
    const use = stack.activeRuns.length === 0 ? 'nothing is running on it' : 'a run is active on it';
    return `This pull request holds ${inlineCode(stack.stackName)} since ${momentText(stack.hold.since)}${deployed}; ${use}.${reservationText(stack, deps.clock.now())}`;
  }
  if (record?.ticketNumber === undefined)
    return 'This pull request does not hold a stack, and does not wait for one.';
  const place = await positionOf(deps, project, { number: record.ticketNumber });
  const seconds = (await estimateWaits(deps, project, place)).at(-1);
  const wait = seconds === undefined ? '' : `, and waits for about ${durationText(minutesUp(seconds))}`;
  return `This pull request waits for a stack: it is the ${ordinal(place)} in the queue${wait}.`;
}

/** An estimate is not exact to the second. */
function minutesUp(seconds: number): number {
  return Math.max(1, Math.ceil(seconds / 60)) * 60;
}

function reservationText(stack: Stack, now: Date): string {
  if (stack.reservation === undefined || !isReserved(stack, now)) return '';
  const { by, until, reason } = stack.reservation;
  return ` It is reserved by ${inlineCode(by)} until ${momentText(until)}: ${prose(reason)}.`;
}

/** Reserves the stack of a branch. @returns the text of the answer. */
export async function reserveStackOfBranch(
  deps: LineDeps,
  project: GithubProject,
  branch: Branch,
  request: { readonly seconds: number; readonly reason: string; readonly by: string },
): Promise<string> {
  const { stack } = await readHolder(deps.store, project.id, branch.holder);
  if (stack === undefined) return 'This pull request does not hold a stack to reserve.';
  const { stackName } = stack;
  const { reservation } = await reserveStack(deps, { project, stackName, ...request });
  const until = reservation === undefined ? '' : ` until ${momentText(reservation.until)}`;
  return `${inlineCode(stackName)} is reserved${until}: ${prose(request.reason)}. No other branch gets it before, even if the pull request closes. ${inlineCode('/unreserve')} ends that.`;
}

/** Ends the reservation of a branch's stack. @returns the text of the answer. */
export async function unreserveStackOfBranch(
  deps: LineDeps,
  project: GithubProject,
  branch: Branch,
): Promise<string> {
  const { stack } = await readHolder(deps.store, project.id, branch.holder);
  if (stack?.reservation === undefined) return 'The stack of this pull request is not reserved.';
  await unreserveStack(deps, { project, stackName: stack.stackName });
  return `${inlineCode(stack.stackName)} is no longer reserved.`;
}

/**
 * Releases the stack of a branch, and returns the text of the answer.
 *
 * @param options.isForced marks the dirty stacks that the branch had last as clean.
 */
export async function releaseStackOfBranch(
  deps: LineDeps,
  project: GithubProject,
  branch: Branch,
  options: { readonly isForced?: true } = {},
): Promise<string> {
  const cleaned = options.isForced === true ? await cleanStacksOf(deps, project, branch) : [];
  if (cleaned.length > 0) return `${cleaned.map(inlineCode).join(', ')} counts as clean, and is available.`;
  const { stack } = await readHolder(deps.store, project.id, branch.holder);
  const released = await releaseHolder(deps, project, branch.holder);
  if (released !== undefined) {
    const teardown = wantsTeardown(released) ? ', and its teardown runs before it is available again' : '';
    return `${inlineCode(released.stackName)} was released${teardown}. The next run of this pull request takes a stack again.`;
  }
  if (stack !== undefined && isReserved(stack, deps.clock.now()))
    return `${inlineCode(stack.stackName)} was not released: it is reserved. ${inlineCode('/unreserve')} ends that.`;
  return stack === undefined
    ? 'This pull request holds no stack.'
    : `${inlineCode(stack.stackName)} was not released: a run is active on it. ${inlineCode('/cancel')} ends that.`;
}

async function cleanStacksOf(deps: LineDeps, project: GithubProject, branch: Branch): Promise<string[]> {
  const names: string[] = [];
  for (const stack of await deps.store.stacks.list(project.id)) {
    if (
      stack.dirty === undefined ||
      stack.hold !== undefined ||
      !(await hadLast(deps, project, branch, stack))
    )
      continue;
    await cleanStack(deps, { project, stackName: stack.stackName });
    names.push(stack.stackName);
  }
  return names;
}

/** Whether a branch had a dirty stack last. A branch of a fork may have the same name. */
async function hadLast(
  { store }: Pick<LineDeps, 'store'>,
  project: GithubProject,
  branch: Branch,
  { branch: name, teardowns = [] }: Stack,
): Promise<boolean> {
  if (name !== branch.name) return false;
  const [last] = teardowns;
  const run = last && (await store.runs.get(last.runId));
  return run === undefined ? branch.isTrusted : isOfBranch(run, branch, project);
}
