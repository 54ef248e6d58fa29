import { momentText, ordinal } from '../../lib/format.ts';
import { inlineCode } from '../../lib/markdown.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { type Stack, wantsTeardown } from '../model/stack.ts';
import type { GithubProject } from '../projects/github-project.ts';
import type { LineDeps } from '../stacks/grant-waiters.ts';
import { releaseHolder } from '../stacks/release-stack.ts';

/** Says which stack a branch holds, or its place in the queue. */
export async function describeStack(
  deps: Pick<Deps, 'store'>,
  project: GithubProject,
  branch: Branch,
): Promise<string> {
  const { stack, ticketNumber } = await stackOfBranch(deps, project, branch);
  if (stack?.hold !== undefined) {
    const deployed =
      stack.lastDeployedCommit === undefined ? '' : `, with ${inlineCode(stack.lastDeployedCommit)} deployed`;
    const use = stack.activeRuns.length === 0 ? 'nothing is running on it' : 'a run is active on it';
    return `This pull request holds ${inlineCode(stack.stackName)} since ${momentText(stack.hold.since)}${deployed}; ${use}.`;
  }
  if (ticketNumber === undefined) return 'This pull request holds no stack, and waits for none.';
  const place = (await deps.store.queue.count(project.id, ticketNumber)) + 1;
  return `This pull request waits for a stack: it is the ${ordinal(place)} in line.`;
}

/** Releases the stack of a branch, and says so. */
export async function releaseStackOfBranch(
  deps: LineDeps,
  project: GithubProject,
  branch: Branch,
): Promise<string> {
  const { stack } = await stackOfBranch(deps, project, branch);
  const released = await releaseHolder(deps, project, branch.holder);
  if (released !== undefined) {
    const teardown = wantsTeardown(released) ? ', and its teardown runs before it is available again' : '';
    return `${inlineCode(released.stackName)} was released${teardown}. The next run of this pull request takes a stack again.`;
  }
  return stack === undefined
    ? 'This pull request holds no stack.'
    : `${inlineCode(stack.stackName)} was not released: a run is active on it. ${inlineCode('/cancel')} ends that.`;
}

/** The stack that a branch holds, or its ticket. */
export async function stackOfBranch(
  deps: Pick<Deps, 'store'>,
  project: GithubProject,
  { holder }: Branch,
): Promise<{ stack?: Stack; ticketNumber?: number }> {
  const record = await deps.store.holders.get(project.id, holder);
  const stack =
    record?.stackNumber === undefined
      ? undefined
      : await deps.store.stacks.get(project.id, record.stackNumber);
  return omitUndefined({
    stack: stack?.hold?.holder === holder ? stack : undefined,
    ticketNumber: record?.ticketNumber,
  });
}
