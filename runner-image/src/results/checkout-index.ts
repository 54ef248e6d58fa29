import { groupBy } from '../../../app/lib/split-list.ts';

/** The files of a checkout, found by their paths or by the ends of their paths. */
export interface CheckoutIndex {
  has(path: string): boolean;
  /** @returns the one file whose path ends with these segments; undefined if none or several do. */
  uniqueEnding(path: string): string | undefined;
  /** Directories of Go modules, by the modules' paths. */
  readonly goModules: ReadonlyMap<string, string>;
}

/** @param paths relative to the checkout */
export function createCheckoutIndex(
  paths: readonly string[],
  goModules: ReadonlyMap<string, string> = new Map(),
): CheckoutIndex {
  const all = new Set(paths);
  const nameOf = (path: string) => path.slice(path.lastIndexOf('/') + 1);
  let byName: ReadonlyMap<string, readonly string[]> | undefined;

  return {
    goModules,
    has: (path) => all.has(path),
    uniqueEnding(path) {
      byName ??= groupBy(paths, nameOf);
      const named = byName.get(nameOf(path)) ?? [];
      const found = named.filter((each) => each === path || each.endsWith(`/${path}`));
      return found.length === 1 ? found[0] : undefined;
    },
  };
}
