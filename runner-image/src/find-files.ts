import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { compileGlob, expandBraces, GlobError, globLimits } from '../../app/lib/glob.ts';

export interface FindFilesOptions<Name extends string> {
  readonly checkout: string;
  /** Globs relative to the checkout; one that begins with `!` leaves out what it matches. */
  readonly sets: Readonly<Record<Name, readonly string[]>>;
}

export interface FoundFiles<Name extends string> {
  /** The matching files of each set, sorted, as paths relative to the checkout. */
  readonly matches: Readonly<Record<Name, string[]>>;
  /** Every file that was seen. */
  readonly paths: readonly string[];
  /** Why a pattern was left out. */
  readonly problems: readonly string[];
}

/** Large directories that suites do not write. They are searched only if a glob names them. */
const usuallySkipped = ['node_modules', '.git', '.venv', '.berth-venv'];
const maxFiles = 1_000_000;
const directoriesAtOnce = 32;

interface FileSet {
  readonly positive: readonly string[];
  matches(path: string): boolean;
}

/**
 * Walks the checkout once, for all sets together. Symbolic links are not followed, except one to a directory that a glob
 * names, so a reader of the files must check that they are in the checkout.
 */
export async function findFiles<Name extends string>({
  checkout,
  sets,
}: FindFilesOptions<Name>): Promise<FoundFiles<Name>> {
  const problems: string[] = [];
  const entries = Object.entries<readonly string[]>(sets).map(
    ([name, globs]) => [name, fileSetOf(globs, problems)] as const,
  );
  const named = entries.flatMap(([, { positive }]) => positive);
  const paths = await walk(checkout, named);
  paths.sort();
  const matches = entries.map(([name, set]) => [name, paths.filter((path) => set.matches(path))]);
  // The names are the keys of `sets`.
  return { matches: Object.fromEntries(matches) as Record<Name, string[]>, paths, problems };
}

/** @returns whether a glob may match something outside of the checkout. */
export function leadsOut(pattern: string): boolean {
  const path = pattern.replace(/^!/, '');
  return path.startsWith('/') || path.split(/[/\\{},]/).includes('..');
}

function fileSetOf(globs: readonly string[], problems: string[]): FileSet {
  if (globs.length > globLimits.patterns) {
    problems.push(`There are ${globs.length} patterns. The first ${globLimits.patterns} are used.`);
  }
  const inside = globs
    .slice(0, globLimits.patterns)
    .filter((pattern) => !leadsOut(pattern))
    .flatMap(normalized);
  const compiled = inside.flatMap((pattern) => {
    const isNegative = pattern.startsWith('!');
    try {
      return [{ pattern, isNegative, matches: compileGlob(isNegative ? pattern.slice(1) : pattern) }];
    } catch (error) {
      if (!(error instanceof GlobError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  const positive = compiled.filter(({ isNegative }) => !isNegative);
  const negative = compiled.filter(({ isNegative }) => isNegative);
  const isPruned = prunedBy(positive.map(({ pattern }) => pattern));
  return {
    positive: positive.map(({ pattern }) => pattern),
    matches: (path) =>
      positive.some(({ matches }) => matches(path)) &&
      !negative.some(({ matches }) => matches(path)) &&
      !path.split('/').slice(0, -1).some(isPruned),
  };
}

function prunedBy(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(usuallySkipped.filter((name) => !patterns.some((pattern) => pattern.includes(name))));
  return (name) => names.has(name);
}

async function walk(checkout: string, patterns: readonly string[]): Promise<string[]> {
  const isPruned = prunedBy(patterns);
  const bases = patterns.flatMap(expandBraces).map(literalDirectory);
  const isNamed = (link: string) => bases.some((base) => base === link || base.startsWith(`${link}/`));
  const paths: string[] = [];
  const left = [''];

  async function readOne(directory: string): Promise<void> {
    for (const entry of await entriesOf(join(checkout, directory))) {
      const path = directory === '' ? entry.name : `${directory}/${entry.name}`;
      if (entry.isFile()) paths.push(path);
      else if (entry.isDirectory() && !isPruned(entry.name)) left.push(path);
      else if (entry.isSymbolicLink() && isNamed(path)) left.push(path);
    }
  }

  while (left.length > 0 && paths.length < maxFiles) {
    await Promise.all(left.splice(-directoriesAtOnce).map(readOne));
  }
  return paths.slice(0, maxFiles);
}

async function entriesOf(directory: string): Promise<Dirent[]> {
  try {
    return await readdir(directory, { withFileTypes: true });
  } catch {
    // Not readable, gone since, or a link to a file.
    return [];
  }
}

/** The directories at the start of a pattern, up to the first that is not literal. */
function literalDirectory(pattern: string): string {
  const segments = pattern.split('/').slice(0, -1);
  const end = segments.findIndex((segment) => /[*?[\\]/.test(segment));
  return (end === -1 ? segments : segments.slice(0, end)).join('/');
}

/** The name of a directory stands for everything in it. */
function normalized(pattern: string): string[] {
  const plain = pattern.replace(/^(!?)\.\//, '$1').replace(/\/+$/, '');
  return plain.endsWith('*') ? [plain] : [plain, `${plain}/**`];
}
