import type { Context } from 'probot';
import type { InstallationDeps } from '../../core/projects/reconcile-installation.ts';
import { reconcileInstallation } from '../../core/projects/reconcile-installation.ts';

/** The App was installed, removed, or suspended, or its repositories changed. GitHub's current list decides. */
export async function onInstallation(
  deps: InstallationDeps,
  payload: Context<'installation' | 'installation_repositories'>['payload'],
): Promise<void> {
  await reconcileInstallation(deps, payload.installation.id);
}
