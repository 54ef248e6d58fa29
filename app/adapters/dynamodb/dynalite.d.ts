// dynalite 4 has no types of its own; these are of what Berth uses.

declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** @returns a server that does not listen yet. Closing it closes the database as well. */
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default function dynalite(options: {
    path?: string;
    createTableMs?: number;
    deleteTableMs?: number;
    updateTableMs?: number;
  }): Server;
}

declare module 'dynalite/db/index.js' {
  interface Index {
    readonly IndexName: string;
  }
  export interface Table {
    readonly TableName: string;
    readonly LocalSecondaryIndexes?: readonly Index[];
    readonly GlobalSecondaryIndexes?: readonly Index[];
  }
  interface IndexEntry {
    readonly index: string;
    readonly key: string;
    readonly item: unknown;
  }
  const database: {
    /** What the indexes have to hold of an item. */
    getIndexActions(
      indexes: readonly Index[],
      existingItem: unknown,
      item: unknown,
      table: Table,
    ): { puts: readonly IndexEntry[] };
  };
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default database;
}
