import { inlineCode } from '../../lib/markdown.ts';
import type { Branch, BranchKey } from '../model/branch.ts';
import type { GithubProject } from '../projects/github-project.ts';
import type { BranchDeps } from './reconcile-branch.ts';
import { reconcileBranch } from './reconcile-branch.ts';

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
 * Lets the code of a fork run, at one commit and no other.
 *
 * An approval that names no commit means the one whose refusal was the newest when it was written, and only while that
 * is still the head: the author of a fork can push another commit between the review and the approval.
 *
 * @returns what to answer.
 */
export async function approveCommit(deps: BranchDeps, request: ApprovalRequest): Promise<string> {
  const { project, pull, by } = request;
  // What was pushed until now is looked at first: an approval is compared with the head as it is.
  const branch = await reconcileBranch(deps, project, request.branch, { pull });
  if (branch?.isOpen !== true || branch.head === undefined)
    return 'The pull request is closed. Nothing was approved.';
  if (branch.isTrusted) return 'This pull request does not come from a fork. It needs no approval.';
  const { head } = branch;
  const refusal = whyNotApproved(branch, head, request);
  if (refusal !== undefined) return refusal;
  const approval = { sha: head, by, at: deps.clock.now() };
  const approved = await reconcileBranch(deps, project, request.branch, { pull, approval });
  if (approved?.head !== head) return notHead(head, approved?.head);
  return `Approved ${inlineCode(head)}. A new commit needs a new approval.`;
}

function whyNotApproved(
  { refused, approved }: Branch,
  head: string,
  { sha, writtenAt }: ApprovalRequest,
): string | undefined {
  if (sha !== undefined) return head.startsWith(sha.toLowerCase()) ? undefined : notHead(sha, head);
  if (approved?.sha === head) return undefined;
  const wasShown = refused?.sha === head && refused.at <= writtenAt;
  if (wasShown) return undefined;
  return `${inlineCode(head.slice(0, 7))}, the latest commit, is newer than your comment, so it was not approved. Review it, and comment ${inlineCode('/ok-to-test')} again, or ${inlineCode(`/ok-to-test ${head.slice(0, 12)}`)}.`;
}

function notHead(sha: string, head: string | undefined): string {
  const latest = head === undefined ? '' : ` The latest is ${inlineCode(head.slice(0, 12))}.`;
  return `${inlineCode(sha.slice(0, 12))} is not the latest commit of this pull request, so it was not approved.${latest}`;
}
