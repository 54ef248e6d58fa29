import { usageError } from './cli-error.ts';
import type { BerthApi } from './connect.ts';

/**
 * Chooses the project for routes that name one in their path, as the server does for the other routes: the one that
 * the user named, or the project of the key.
 *
 * @throws CliError `usage` if the user names none and the key has none, and it may see several.
 */
export async function soleProject(api: BerthApi): Promise<string> {
  if (api.project !== undefined) return api.project;
  const { projects, cursor, current } = await api.projects();
  if (current != null) return current;
  const [first] = projects;
  if (first !== undefined && projects.length === 1 && cursor === null) return first.id;
  const names = projects.map(({ id }) => id);
  throw usageError(
    'Your key can see several projects.',
    `Name one with --project: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`,
  );
}
