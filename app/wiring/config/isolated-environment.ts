import { environmentSchema } from './variables.ts';

/**
 * Variables for a server that serves one purpose: what is set around it for other servers, a GitHub App or a public
 * address, counts as absent.
 *
 * @param keep variables that it takes from its surroundings all the same.
 * @returns an empty value for each of the others, to stand over the environment.
 */
export function isolatedEnvironment(keep: readonly string[]): Readonly<Record<string, string>> {
  const names = Object.keys(environmentSchema.shape).filter((name) => !keep.includes(name));
  return Object.fromEntries(names.map((name) => [name, '']));
}
