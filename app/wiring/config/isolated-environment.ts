import { environmentSchema } from './variables.ts';

/**
 * Variables for a server with one purpose: settings of the environment for other servers, such as a GitHub App or a public
 * address, are ignored.
 *
 * @param keep variables that it takes from the environment.
 * @returns an empty value for each of the others, to replace the environment.
 */
export function isolatedEnvironment(keep: readonly string[]): Readonly<Record<string, string>> {
  const names = Object.keys(environmentSchema.shape).filter((name) => !keep.includes(name));
  return Object.fromEntries(names.map((name) => [name, '']));
}
