import type { Context } from 'probot';
import { branchOfPull } from '../../core/branches/branch-of.ts';
import type { FreshFacts } from '../../core/branches/observe-branch.ts';
import { reconcileBranch } from '../../core/branches/reconcile-branch.ts';
import type { Branch } from '../../core/model/branch.ts';
import { githubProjectId } from '../../core/projects/github-project.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { actorOf, branchOfEvent, type EventDeps, isFresh } from './event-context.ts';

/** The actions that may change what must be tested. */
export const pullRequestActions = [
  'opened',
  'synchronize',
  'reopened',
  'ready_for_review',
  'converted_to_draft',
  'closed',
  'edited',
] as const;

type Payload = Context<`pull_request.${(typeof pullRequestActions)[number]}`>['payload'];

export async function onPullRequest(deps: EventDeps, payload: Payload): Promise<void> {
  // The only edit that changes what is tested is a new base branch.
  if (payload.action === 'edited' && payload.changes.base === undefined) return;
  const { pull_request: pull, repository } = payload;
  const { number } = pull;
  // The types do not say that the repository of a fork may be gone.
  const head: { readonly ref: string; readonly repo: { readonly id: number } | null } = pull.head;
  const key = branchOfPull(
    { id: githubProjectId(repository.id) },
    omitUndefined({ number, headBranch: head.ref, headRepositoryId: head.repo?.id }),
  );
  const { project, read } = await branchOfEvent(deps, payload, key);
  if (project === undefined) return;
  await reconcileBranch(deps, project, key, {
    read,
    trigger: { kind: 'pull_request', ...actorOf(payload) },
    aspect: 'pulls',
    pull: number,
    isKnown: (branch) => isKnown(branch, payload),
    fresh: isFresh(pull.updated_at, deps.clock.now()) ? freshFacts(payload) : {},
  });
}

/** Another event has already reported the same. If that one was stale, the comparison finds it. */
function isKnown(branch: Branch, { pull_request: pull }: Payload): boolean {
  const known = branch.pulls.find(({ number }) => number === pull.number);
  if (pull.state === 'closed') return known === undefined && !branch.isOpen;
  return (
    branch.head === pull.head.sha &&
    known?.baseBranch === pull.base.ref &&
    known.isDraft === (pull.draft === true)
  );
}

function freshFacts(payload: Payload): FreshFacts {
  const { number } = payload.pull_request;
  if (payload.action === 'closed') return { closedPull: number };
  if (payload.action === 'synchronize') return { replaced: payload.before };
  return payload.action === 'opened' || payload.action === 'reopened' ? { openPull: number } : {};
}
