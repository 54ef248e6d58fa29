import type { Context } from 'probot';
import { ownBranch } from '../../core/branches/branch-of.ts';
import { reconcileBranch } from '../../core/branches/reconcile-branch.ts';
import { actorOf, type EventDeps, projectOfEvent } from './event-context.ts';

type Payload = Context<'merge_group.checks_requested' | 'merge_group.destroyed'>['payload'];

/** A merge queue added or removed a group. The group is a branch like any other. */
export async function onMergeGroup(deps: EventDeps, payload: Payload): Promise<void> {
  if (payload.repository === undefined) return;
  const { repository, merge_group: group } = payload;
  const project = await projectOfEvent(deps, { ...payload, repository });
  if (project === undefined) return;
  const key = ownBranch(project, group.head_ref.replace(/^refs\/heads\//, ''));
  await reconcileBranch(deps, project, key, {
    trigger: { kind: 'merge_group', ...actorOf(payload) },
    aspect: 'head',
    ...(payload.action === 'destroyed' ? { endedAt: group.head_sha } : {}),
  });
}
