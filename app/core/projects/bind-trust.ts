import type { Deps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import type { OidcTrust } from './oidc-trust.ts';

/**
 * Stores the IDs of the repository that used an entry of `oidcTrust` first: a later repository or owner of the same name
 * is another one.
 *
 * @returns false if the settings have changed since then: decide again.
 */
export async function bindTrust(
  { store, clock }: Pick<Deps, 'clock'> & { readonly store: Pick<Deps['store'], 'projects'> },
  project: Project,
  entry: OidcTrust,
  bound: OidcTrust,
): Promise<boolean> {
  const oidcTrust = (project.settings.oidcTrust ?? []).map((one) => (one === entry ? bound : one));
  const modified = new Date(Math.max(clock.now().getTime(), project.modified.getTime() + 1));
  try {
    await store.projects.replace(project, {
      ...project,
      settings: { ...project.settings, oidcTrust },
      modified,
    });
    return true;
  } catch (error) {
    if (error instanceof LostRace) return false;
    throw error;
  }
}
