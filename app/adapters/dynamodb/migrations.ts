import type { Item } from './dynamo-table.ts';

/** Migrates an item from one version to the next. Runs on read; the next write stores the new form. */
type Migration = (item: Item) => Item;

/**
 * The migrations of each kind of item, in order: the first migrates an item from version 0 to version 1. An item of 0.1.0 has
 * no version, which is version 0. Never change a migration that was released; add one.
 */
const migrations = {
  stack: [
    // Before, every hold of a pull request was kept until the pull request closed, and no other hold of the App was.
    (item) => (String(item.holder).startsWith('pr:') ? { ...item, kept: true } : item),
  ],
  run: [],
  session: [],
  key: [],
  ticket: [],
} satisfies Readonly<Record<string, readonly Migration[]>>;

export type VersionedKind = keyof typeof migrations;

/** The attribute with the version of an item. */
export const versionAttribute = 'v';

export function currentVersion(kind: VersionedKind): number {
  return migrations[kind].length;
}

/** Migrates an item to the current version. An item of a newer version is returned unchanged. */
export function migrate(kind: VersionedKind, item: Item): Item {
  const from = typeof item[versionAttribute] === 'number' ? item[versionAttribute] : 0;
  const pending: readonly Migration[] = migrations[kind].slice(from);
  return pending.reduce((older, migration) => migration(older), item);
}
