import type { Context } from 'probot';
import type { GithubDeps } from '../../usecases/github/github-deps.ts';
import { ensureProject, setProjectAtRest } from '../../usecases/github/github-project.ts';
import { repositoryOf } from './event-context.ts';

/** A repository was renamed, moved, archived or deleted. Its project stays the same one. */
export async function onRepository(
  deps: GithubDeps,
  payload: Context<'repository'>['payload'],
): Promise<void> {
  const { id } = payload.repository;
  if (payload.action === 'deleted' || payload.action === 'archived')
    return await setProjectAtRest(deps, id, true);
  const github = repositoryOf(payload);
  if (github !== undefined) await ensureProject(deps, github);
  if (payload.action === 'unarchived') await setProjectAtRest(deps, id, false);
}
