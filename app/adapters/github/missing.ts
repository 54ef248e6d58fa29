import type { Octokit } from './github-app.ts';
import { statusOf } from './rate-gate.ts';

/**
 * A missing object is not an error here, but a repository that cannot be reached is: it may be transferred, and its
 * content is unknown.
 */
export async function orUnreachable<T>(
  octokit: Octokit,
  where: { readonly owner: string; readonly repo: string },
  call: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (!isMissing(error)) throw error;
    // GitHub's answer for a repository that it found.
    const isFound = error instanceof Error && /^Branch not found/i.test(error.message);
    if (!isFound) await octokit.rest.repos.get(where);
    return undefined;
  }
}

/** A missing object is not an error here. */
export async function orUndefined<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** 409: a repository without a commit; 422: no such ref. */
function isMissing(error: unknown): boolean {
  return [404, 409, 410, 422].includes(statusOf(error) ?? 0);
}
