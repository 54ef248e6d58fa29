import { readFile } from 'node:fs/promises';

/** Reads the text of a file; undefined if it does not exist. */
export async function readIfExists(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(absent);
}

/** Handles a rejected file access: undefined if nothing exists at the path; rethrows any other error. */
export function absent(error: unknown): undefined {
  if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
  throw error;
}

/** Whether an error of Node has one of these codes: `EACCES`, or the exit code of a program. */
export function hasCode(error: unknown, ...codes: readonly (string | number)[]): boolean {
  // Not by `instanceof`: Node's own errors may come from another realm than this module, as they do in Jest.
  if (typeof error !== 'object' || error === null || !('code' in error)) return false;
  return codes.some((code) => code === error.code);
}
