import type { BerthApi } from './berth-api.ts';
import { usageError } from './cli-error.ts';

/**
 * The project that a command is about, for routes that name one in their path.
 *
 * @throws CliError `usage` where none is named and the key may see several.
 */
export async function soleProject(api: BerthApi): Promise<string> {
  if (api.project !== undefined) return api.project;
  const { projects, cursor } = await api.projects();
  const [first] = projects;
  if (first !== undefined && projects.length === 1 && cursor === null) return first.id;
  const names = projects.map(({ id }) => id);
  throw usageError(
    'Your key may see several projects.',
    `Name one with --project: ${names.slice(0, 10).join(', ')}${names.length > 10 ? ', …' : ''}`,
  );
}
