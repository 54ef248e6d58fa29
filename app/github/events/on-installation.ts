import type { Context } from 'probot';
import type { GithubDeps } from '../../core/branches/github-deps.ts';
import { restInstallation, resumeInstallation } from '../../core/projects/installation.ts';

/** The App was installed, removed, suspended or given other permissions. */
export async function onInstallation(
  deps: GithubDeps,
  payload: Context<'installation'>['payload'],
): Promise<void> {
  const { id } = payload.installation;
  if (payload.action === 'deleted' || payload.action === 'suspend') await restInstallation(deps, id);
  else await resumeInstallation(deps, id);
}
