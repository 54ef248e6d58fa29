import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Where the usual tools write, for a suite that does not say. */
const defaultJunitGlobs = [
  '**/junit*.xml',
  '**/TEST-*.xml',
  '**/test-results/**/*.xml',
  '**/surefire-reports/*.xml',
];

export interface FindJunitOptions {
  readonly checkout: string;
  /** The suite's own; the usual places stand in where there are none. */
  readonly globs: readonly string[];
  /** What {@link junitGlobs} match, relative to the checkout. */
  readonly candidates: readonly string[];
  /** Of the usual places only files that were written since then count: a repository may have old ones in it. */
  readonly writtenSinceMs: number;
}

/**
 * @param globs the suite's own
 */
export function junitGlobs(globs: readonly string[]): readonly string[] {
  return globs.length === 0 ? defaultJunitGlobs : globs;
}

/**
 * @returns the candidates that are to be read, each file once
 */
export async function findJunitFiles(options: FindJunitOptions): Promise<string[]> {
  const { checkout, globs, candidates, writtenSinceMs } = options;
  const isGuess = globs.length === 0;
  const root = await realpath(checkout);
  const seen = new Set<string>();
  const kept: string[] = [];
  for (const path of candidates) {
    const absolute = join(checkout, path);
    const [real, stats] = await Promise.all([realpath(absolute), stat(absolute)]).catch(() => []);
    if (real === undefined || stats === undefined || !stats.isFile() || seen.has(real)) continue;
    if (!real.startsWith(`${root}/`) || (isGuess && stats.mtimeMs < writtenSinceMs)) continue;
    seen.add(real);
    kept.push(path);
  }
  return kept;
}
