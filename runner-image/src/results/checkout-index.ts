/** The files of a checkout, found by their paths or by the ends of their paths. */
export interface CheckoutIndex {
  has(path: string): boolean;
  /** @returns the one file whose path ends with these segments; undefined if none or several do. */
  uniqueEnding(path: string): string | undefined;
  /** Directories of Go modules, by the modules' paths. */
  readonly goModules: ReadonlyMap<string, string>;
}

/**
 * @param paths relative to the checkout
 */
export function createCheckoutIndex(
  paths: readonly string[],
  goModules: ReadonlyMap<string, string> = new Map(),
): CheckoutIndex {
  const all = new Set(paths);
  let byName: Map<string, string[]> | undefined;

  function named(name: string): readonly string[] {
    if (byName === undefined) {
      byName = new Map();
      for (const path of paths) {
        const last = path.slice(path.lastIndexOf('/') + 1);
        const known = byName.get(last);
        if (known === undefined) byName.set(last, [path]);
        else known.push(path);
      }
    }
    return byName.get(name) ?? [];
  }

  return {
    goModules,
    has: (path) => all.has(path),
    uniqueEnding(path) {
      const last = path.slice(path.lastIndexOf('/') + 1);
      const found = named(last).filter((each) => each === path || each.endsWith(`/${path}`));
      return found.length === 1 ? found[0] : undefined;
    },
  };
}
