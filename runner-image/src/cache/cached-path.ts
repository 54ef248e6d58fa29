import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export interface CachedPath {
  readonly parent: string;
  readonly name: string;
}

export interface CacheRoots {
  readonly checkout: string;
  readonly home: string;
}

/**
 * Finds where a path of a cache is.
 *
 * @throws Error if a symbolic link leads there: for a path in the repository the commit could choose where it leads to.
 */
export async function locate(path: string, { checkout, home }: CacheRoots): Promise<CachedPath> {
  const isInCheckout = !path.startsWith('~/') && !path.startsWith('/');
  const absolute = path.startsWith('~/') ? join(home, path.slice(2)) : resolve(checkout, path);
  const found = { parent: dirname(absolute), name: basename(absolute) };
  if (await isLink(absolute)) throw new Error(`${path} is a symbolic link`);
  if (isInCheckout) {
    const root = await realpath(checkout);
    const real = await realParent(found.parent);
    if (real !== root && !real.startsWith(`${root}/`)) throw new Error(`${path} is outside the checkout`);
  }
  return found;
}

async function isLink(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found?.isSymbolicLink() === true;
}

/** The real path of the nearest directory that exists. */
async function realParent(path: string): Promise<string> {
  const real = await realpath(path).catch(() => undefined);
  return real ?? realParent(dirname(path));
}
