import dynalite, { type Database, type Table, type Write } from 'dynalite/db/index.js';

const kinds = ['Local', 'Global'] as const;
const batchSize = 500;

/**
 * Makes the indexes of every table say what its items say.
 *
 * dynalite writes the index entries of an item and the item itself one after the other. A process that is killed in
 * between leaves an index that shows what was never acknowledged, or lacks what is: a stack that is free, but that
 * no look at the pool finds. The items are the truth, since each is written whole.
 */
export async function repairDatabase(database: Database): Promise<void> {
  for await (const [key, value] of database.iterator({ gte: 'table~', lt: 'table~~' })) {
    // Written by dynalite alone, whose version is pinned.
    const table = value as Table;
    const right = await writeEntries(database, table);
    await removeOthers(database, table, right);
    await database.put(key, usable(table));
  }
}

/** A table that was being made when the process was killed would stay so for ever. */
function usable(table: Table): Table {
  const active = table.GlobalSecondaryIndexes?.map((index) => ({ ...index, IndexStatus: 'ACTIVE' }));
  return {
    ...table,
    TableStatus: 'ACTIVE',
    ...(active === undefined ? {} : { GlobalSecondaryIndexes: active }),
  };
}

/** @returns the keys of all entries that there have to be. */
async function writeEntries(database: Database, table: Table): Promise<Set<string>> {
  const keys = new Set<string>();
  let batch: Write[] = [];
  const items = `item-${table.TableName}~`;
  for await (const item of database.values({ gte: items, lt: `${items}~` })) {
    for (const kind of kinds) {
      const indexes = table[`${kind}SecondaryIndexes`] ?? [];
      for (const entry of dynalite.getIndexActions(indexes, undefined, item, table).puts) {
        const key = indexPrefix(table, kind, entry.index) + entry.key;
        keys.add(key);
        batch.push({ type: 'put', key, value: entry.item });
      }
    }
    if (batch.length >= batchSize) {
      await database.batch(batch);
      batch = [];
    }
  }
  await database.batch(batch);
  return keys;
}

async function removeOthers(database: Database, table: Table, right: ReadonlySet<string>): Promise<void> {
  const batch: Write[] = [];
  for (const kind of kinds) {
    for (const index of table[`${kind}SecondaryIndexes`] ?? []) {
      const prefix = indexPrefix(table, kind, index.IndexName);
      for await (const key of database.keys({ gte: prefix, lt: `${prefix}~` })) {
        if (!right.has(key)) batch.push({ type: 'del', key });
      }
    }
  }
  await database.batch(batch);
}

function indexPrefix(table: Table, kind: (typeof kinds)[number], index: string): string {
  return `index-${kind.toLowerCase()}~${table.TableName}~${index}~`;
}
