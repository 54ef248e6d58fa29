import { glob } from 'tinyglobby';

export interface FindFilesOptions {
  readonly checkout: string;
  /** Relative to the checkout; one that begins with `!` leaves out what it matches. */
  readonly globs: readonly string[];
}

/** Large, and never what a suite wrote; a glob that names them means them. */
const seldomMeant = ['node_modules', '.git', '.venv'];

/**
 * Symbolic links are left out. A glob that names one on its way to a file is followed, so whoever reads the file has to
 * see to it that it lies in the checkout.
 *
 * @returns the files that match, as paths relative to the checkout
 */
export async function findFiles({ checkout, globs }: FindFilesOptions): Promise<string[]> {
  const inside = globs.filter((pattern) => !leadsOut(pattern));
  if (inside.length === 0) return [];
  const ignore = seldomMeant.filter((name) => !inside.some((pattern) => pattern.includes(name)));
  return glob(inside, {
    cwd: checkout,
    ignore: ignore.map((name) => `**/${name}/**`),
    dot: true,
    followSymbolicLinks: false,
    onlyFiles: true,
  });
}

/**
 * @returns whether a glob may match something outside of the checkout.
 */
export function leadsOut(pattern: string): boolean {
  const path = pattern.replace(/^!/, '');
  return path.startsWith('/') || path.split(/[/\\{},]/).includes('..');
}
