import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { ensureProject, setProjectSuspended } from '../../core/projects/github-project.ts';
import { repositoryOf } from './event-context.ts';

/** A repository was renamed, moved, archived or deleted. Its project stays the same one. */
export async function onRepository(
  deps: GithubDeps,
  payload: Context<'repository'>['payload'],
): Promise<void> {
  const { id } = payload.repository;
  if (payload.action === 'deleted' || payload.action === 'archived')
    return await setProjectSuspended(deps, id, true);
  const github = repositoryOf(payload);
  if (github !== undefined) await ensureProject(deps, github);
  if (payload.action === 'unarchived') await setProjectSuspended(deps, id, false);
}
