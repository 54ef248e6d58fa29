import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { endMergeGroup, testMergeGroup } from '../../core/branches/sync-merge-group.ts';
import { actorOf, projectOfEvent } from './event-context.ts';

type Payload = Context<'merge_group.checks_requested' | 'merge_group.destroyed'>['payload'];

/** A merge queue wants to know whether a group can be merged, or does not any more. */
export async function onMergeGroup(deps: GithubDeps, payload: Payload): Promise<void> {
  if (payload.repository === undefined) return;
  const { repository, merge_group: group } = payload;
  const project = await projectOfEvent(deps, { ...payload, repository });
  if (project === undefined) return;
  const branch = group.head_ref.replace(/^refs\/heads\//, '');
  if (payload.action === 'destroyed') return await endMergeGroup(deps, project, branch);
  await testMergeGroup(deps, {
    project,
    sha: group.head_sha,
    branch,
    baseBranch: group.base_ref.replace(/^refs\/heads\//, ''),
    baseSha: group.base_sha,
    trigger: { kind: 'merge_group', ...actorOf(payload) },
  });
}
