import picomatch from 'picomatch';
import { glob } from 'tinyglobby';

export interface FindFilesOptions<Name extends string> {
  readonly checkout: string;
  /** Globs relative to the checkout; one that begins with `!` leaves out what it matches. */
  readonly sets: Readonly<Record<Name, readonly string[]>>;
}

/** Large, and never what a suite wrote; a glob that names them means them. */
const seldomMeant = ['node_modules', '.git', '.venv'];

/**
 * Looks through the checkout once, for all sets together: a large one has more files than are read twice in passing.
 * Symbolic links are left out. A glob that names one on its way to a file may be followed, so whoever reads the file
 * has to see to it that it lies in the checkout.
 *
 * @returns for each set the files that match, sorted, as paths relative to the checkout
 */
export async function findFiles<Name extends string>({
  checkout,
  sets,
}: FindFilesOptions<Name>): Promise<Record<Name, string[]>> {
  const matchers = new Map<string, (path: string) => boolean>();
  const wanted: string[] = [];
  for (const [name, globs] of Object.entries<readonly string[]>(sets)) {
    const inside = globs.filter((pattern) => !leadsOut(pattern)).map(normalized);
    const positive = inside.filter((pattern) => !pattern.startsWith('!'));
    const negative = inside.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
    wanted.push(...positive);
    const ignore = [...negative, ...notMeant(positive)];
    if (positive.length > 0) matchers.set(name, picomatch(positive, { dot: true, ignore }));
  }
  const options = { cwd: checkout, dot: true, followSymbolicLinks: false, expandDirectories: false };
  const paths = wanted.length === 0 ? [] : await glob(wanted, { ...options, ignore: notMeant(wanted) });
  paths.sort();
  const found = Object.keys(sets).map((name) => [
    name,
    paths.filter((path) => matchers.get(name)?.(path) ?? false),
  ]);
  // The names are the keys of `sets`.
  return Object.fromEntries(found) as Record<Name, string[]>;
}

/**
 * @returns whether a glob may match something outside of the checkout.
 */
export function leadsOut(pattern: string): boolean {
  const path = pattern.replace(/^!/, '');
  return path.startsWith('/') || path.split(/[/\\{},]/).includes('..');
}

function notMeant(patterns: readonly string[]): string[] {
  const names = seldomMeant.filter((name) => !patterns.some((pattern) => pattern.includes(name)));
  return names.map((name) => `**/${name}/**`);
}

/** The name of a directory stands for all that is in it. */
function normalized(pattern: string): string {
  const plain = pattern.replace(/^(!?)\.\//, '$1').replace(/\/+$/, '');
  return plain.endsWith('*') ? plain : `${plain}/**`;
}
