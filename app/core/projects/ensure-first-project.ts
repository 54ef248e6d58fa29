import type { StoreClockDeps } from '../deps.ts';
import { projectId } from '../model/ids.ts';
import { type ApiKey, type Project, projectSettingsSchema } from '../model/project.ts';

/**
 * Creates the first project at the first start. Later starts find it.
 *
 * @param mintKey creates the first key of the installation; called only if the project is new or has no key yet: a
 *   start that died in between is completed.
 * @returns the key to show once; undefined if a key existed.
 */
export async function ensureFirstProject(
  deps: StoreClockDeps,
  name: string,
  mintKey: (project: Project) => { plain: string; key: ApiKey },
): Promise<{ project: Project; plainKey?: string }> {
  const project = await createFirstProject(deps, name);
  if ((await deps.store.projects.listKeys(project.id)).length > 0) return { project };
  const { plain, key } = mintKey(project);
  await deps.store.projects.createKey(key);
  return { project, plainKey: plain };
}

/** Creates the first project, or finds it. */
export async function createFirstProject(deps: StoreClockDeps, name: string): Promise<Project> {
  const id = projectId(name.toLowerCase());
  const now = deps.clock.now();
  const fresh: Project = { id, name, settings: projectSettingsSchema.parse({}), created: now, modified: now };
  await deps.store.projects.create(fresh);
  return (await deps.store.projects.get(id)) ?? fresh;
}
