import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { syncPullRequest } from '../../core/branches/sync-pull-request.ts';
import { actorOf, isFresh, projectOfEvent } from './event-context.ts';

/** The actions after which something else may have to be tested, or nothing any more. */
export const pullRequestActions = [
  'opened',
  'synchronize',
  'reopened',
  'ready_for_review',
  'converted_to_draft',
  'closed',
  'edited',
] as const;

export async function onPullRequest(
  deps: GithubDeps,
  payload: Context<`pull_request.${(typeof pullRequestActions)[number]}`>['payload'],
): Promise<void> {
  // Of all edits only another base branch changes what is tested.
  if (payload.action === 'edited' && payload.changes.base === undefined) return;
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  const isNewCommit = payload.action === 'synchronize';
  const mayBeBehind = isNewCommit && isFresh(payload.pull_request.updated_at, deps.clock.now());
  await syncPullRequest(deps, {
    project,
    number: payload.pull_request.number,
    trigger: { kind: 'pull_request', ...actorOf(payload) },
    ...(mayBeBehind ? { replaced: payload.before } : {}),
  });
}
