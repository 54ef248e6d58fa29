import type { Context } from 'probot';
import type { InstallationDeps } from '../../core/projects/reconcile-installation.ts';
import { reconcileInstallation } from '../../core/projects/reconcile-installation.ts';

/** A repository was renamed, transferred, archived, or deleted. Its project stays the same one. */
export async function onRepository(
  deps: InstallationDeps,
  payload: Context<'repository'>['payload'],
): Promise<void> {
  if (payload.installation !== undefined) await reconcileInstallation(deps, payload.installation.id);
}
