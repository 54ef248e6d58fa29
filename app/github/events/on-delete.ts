import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { syncBranch } from '../../core/branches/sync-branch.ts';
import { actorOf, projectOfEvent } from './event-context.ts';

/** A branch was deleted: nothing runs for it, and its stack is free. */
export async function onDelete(deps: GithubDeps, payload: Context<'delete'>['payload']): Promise<void> {
  if (payload.ref_type !== 'branch') return;
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  await syncBranch(deps, { project, branch: payload.ref, trigger: { kind: 'push', ...actorOf(payload) } });
}
