import { inlineCode } from '../../lib/markdown.ts';
import type { Branch, BranchKey } from '../model/branch.ts';
import { isRefused, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';
import { findNewest, latestRuns } from '../runs/run-pages.ts';
import { isOfBranch } from './branch-of.ts';
import { type BranchDeps, reconcileBranch } from './reconcile-branch.ts';

export interface ApprovalRequest {
  readonly project: GithubProject;
  readonly branch: BranchKey;
  readonly pull: number;
  readonly by: string;
  /** The commit that is approved, in full or its first characters. If omitted, the one whose refusal was shown. */
  readonly sha?: string;
  /** When the approval was written. */
  readonly writtenAt: Date;
}

/**
 * Approves the code of a fork to run, at one commit only.
 *
 * An approval that names no commit is for the commit whose refusal was the newest when it was written, and only while that
 * is still the head: the author of a fork can push another commit between the review and the approval.
 *
 * @returns the text of the answer.
 */
export async function approveCommit(deps: BranchDeps, request: ApprovalRequest): Promise<string> {
  const { project, pull, by } = request;
  // Everything that was pushed so far is read first: an approval is compared with the current head.
  const branch = await reconcileBranch(deps, project, request.branch, { pull });
  if (branch?.isOpen !== true || branch.head === undefined)
    return 'The pull request is closed. Nothing was approved.';
  if (branch.isTrusted) return 'This pull request does not come from a fork. It needs no approval.';
  const { head } = branch;
  const refusal = await whyNotApproved(deps, branch, head, request);
  if (refusal !== undefined) return refusal;
  const approval = { sha: head, by, at: deps.clock.now() };
  const approved = await reconcileBranch(deps, project, request.branch, { pull, approval });
  if (approved?.head !== head) return notHead(head, approved?.head);
  return `Approved ${inlineCode(head)}. A new commit needs a new approval.`;
}

async function whyNotApproved(
  deps: Pick<BranchDeps, 'store'>,
  branch: Branch,
  head: string,
  { project, sha, writtenAt }: ApprovalRequest,
): Promise<string | undefined> {
  if (sha !== undefined) return await whyNotNamed(deps, project, sha.toLowerCase(), head);
  if (branch.approved?.sha === head) return undefined;
  // A refusal that did not reach GitHub was never shown.
  const wasShown = (run: Run): boolean => {
    const { checkRunId, publishedAt } = run.github ?? {};
    const isShown = checkRunId !== undefined && publishedAt !== undefined && publishedAt <= writtenAt;
    return isShown && isRefused(run) && isOfBranch(run, branch, project);
  };
  if ((await latestRuns(deps, project, head, wasShown)).size > 0) return undefined;
  return `${inlineCode(head.slice(0, 7))}, the latest commit, is newer than your comment, so it was not approved. Review it, and comment ${inlineCode('/ok-to-test')} again, or ${inlineCode(`/ok-to-test ${head}`)}.`;
}

/** A person names the commit that they reviewed: the author of a fork can make another one that begins with the same characters. */
async function whyNotNamed(
  { store }: Pick<BranchDeps, 'store'>,
  project: GithubProject,
  sha: string,
  head: string,
): Promise<string | undefined> {
  if (!head.startsWith(sha)) return notHead(sha, head);
  if (sha === head) return undefined;
  const other = await findNewest(store, project.id, { sha }, (run) => run.sha !== head);
  if (other === undefined) return undefined;
  return `${inlineCode(sha)} is the beginning of several commits, so nothing was approved. Review ${inlineCode(head)}, and name it in full.`;
}

function notHead(sha: string, head: string | undefined): string {
  const latest = head === undefined ? '' : ` The latest is ${inlineCode(head.slice(0, 12))}.`;
  return `${inlineCode(sha.slice(0, 12))} is not the latest commit of this pull request, so it was not approved.${latest}`;
}
