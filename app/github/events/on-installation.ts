import type { Context } from 'probot';
import { type InstallationDeps, reconcileInstallation } from '../../core/projects/reconcile-installation.ts';

/**
 * The App was installed, removed, or suspended, its repositories changed, or one was renamed, transferred, archived, or
 * deleted. GitHub's current list decides.
 */
export async function onInstallation(
  deps: InstallationDeps,
  payload: Context<'installation' | 'installation_repositories' | 'repository'>['payload'],
): Promise<void> {
  if (payload.installation !== undefined) await reconcileInstallation(deps, payload.installation.id);
}
