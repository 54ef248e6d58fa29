import type { Context } from 'probot';
import { ownBranch } from '../../core/branches/branch-of.ts';
import { reconcileBranch } from '../../core/branches/reconcile-branch.ts';
import { type EventDeps, projectOfEvent } from './event-context.ts';

/** A branch was deleted: nothing runs for it, and its stack is available. */
export async function onDelete(deps: EventDeps, payload: Context<'delete'>['payload']): Promise<void> {
  if (payload.ref_type !== 'branch') return;
  const project = await projectOfEvent(deps, payload);
  if (project === undefined) return;
  await reconcileBranch(deps, project, ownBranch(project, payload.ref), {
    aspect: 'deleted',
    // The push event of the deletion has already reported it.
    isKnown: ({ isOpen, head }) => !isOpen && head === undefined,
  });
}
