import { momentText, ordinal } from '../../lib/format.ts';
import { inlineCode } from '../../lib/markdown.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps } from '../deps.ts';
import { holder } from '../model/ids.ts';
import { type Stack, wantsTeardown } from '../model/stack.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { releaseHolder } from '../stacks/release-stack.ts';

/** Which stack a pull request holds, or where in line it is, in a sentence. */
export async function tellStack(deps: Deps, project: GithubProject, number: number): Promise<string> {
  const { stack, ticketNumber } = await find(deps, project, number);
  if (stack?.hold !== undefined) {
    const deployed =
      stack.lastDeployedCommit === undefined ? '' : `, with ${inlineCode(stack.lastDeployedCommit)} deployed`;
    const use = stack.activeRuns.length === 0 ? 'nothing is running on it' : 'a run is active on it';
    return `This pull request holds ${inlineCode(stack.stackName)} since ${momentText(stack.hold.since)}${deployed}; ${use}.`;
  }
  if (ticketNumber === undefined) return 'This pull request holds no stack, and waits for none.';
  const place = (await deps.store.stacks.countBefore(project.id, ticketNumber)) + 1;
  return `This pull request waits for a stack: it is the ${ordinal(place)} in line.`;
}

/** Gives the stack of a pull request back, and says so. */
export async function releasePullRequestStack(
  deps: Deps,
  project: GithubProject,
  number: number,
): Promise<string> {
  const { stack } = await find(deps, project, number);
  const released = await releaseHolder(deps, project, holder.pullRequest(number));
  if (released !== undefined)
    return `${inlineCode(released.stackName)} was released${wantsTeardown(released) ? ', and is torn down before anybody else gets it' : ''}. The next run of this pull request takes a stack again.`;
  return stack === undefined
    ? 'This pull request holds no stack.'
    : `${inlineCode(stack.stackName)} was not released: a run is active on it. ${inlineCode('/cancel')} ends that.`;
}

async function find(
  deps: Deps,
  project: GithubProject,
  number: number,
): Promise<{ stack?: Stack; ticketNumber?: number }> {
  const who = holder.pullRequest(number);
  const record = await deps.store.stacks.readHolder(project.id, who);
  const stack =
    record?.stackNumber === undefined
      ? undefined
      : await deps.store.stacks.get(project.id, record.stackNumber);
  return omitUndefined({
    ...(stack?.hold?.holder === who ? { stack } : {}),
    ticketNumber: record?.ticketNumber === undefined ? undefined : record.ticketNumber,
  });
}
