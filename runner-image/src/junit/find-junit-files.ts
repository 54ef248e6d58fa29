import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findFiles } from '../find-files.ts';

/** Where the usual tools write, for a suite that does not say. */
export const defaultJunitGlobs = [
  '**/junit*.xml',
  '**/TEST-*.xml',
  '**/test-results/**/*.xml',
  '**/surefire-reports/*.xml',
];

export interface FindJunitOptions {
  readonly checkout: string;
  /** The suite's own, relative to the checkout; the usual places where there are none. */
  readonly globs: readonly string[];
  /** Of the usual places only files that were written since then count: a repository may have old ones in it. */
  readonly writtenSinceMs: number;
}

/**
 * @returns paths relative to the checkout, in the order of their names, each file once.
 */
export async function findJunitFiles({
  checkout,
  globs,
  writtenSinceMs,
}: FindJunitOptions): Promise<string[]> {
  const isGuess = globs.length === 0;
  const paths = await findFiles({ checkout, globs: isGuess ? defaultJunitGlobs : globs });
  const root = await realpath(checkout);
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const path of paths.sort()) {
    const absolute = join(checkout, path);
    const [real, stats] = await Promise.all([realpath(absolute), stat(absolute)]).catch(() => []);
    if (real === undefined || stats === undefined || !stats.isFile() || seen.has(real)) continue;
    if (!real.startsWith(`${root}/`) || (isGuess && stats.mtimeMs < writtenSinceMs)) continue;
    seen.add(real);
    kept.push(path);
  }
  return kept;
}
