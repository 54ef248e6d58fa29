// dynalite 4 has no types of its own; these are of the parts that Berth uses.

declare module 'dynalite/db/index.js' {
  import type { Readable } from 'node:stream';

  interface Index {
    readonly IndexName: string;
    IndexStatus?: string;
  }
  export interface Table {
    readonly TableName: string;
    TableStatus: string;
    readonly LocalSecondaryIndexes?: readonly Index[];
    readonly GlobalSecondaryIndexes?: readonly Index[];
  }
  interface IndexEntry {
    readonly index: string;
    readonly key: string;
    readonly item: unknown;
  }
  /** `table~<name>`, `item-<name>~…`, `index-<local|global>~<name>~<index>~…`, with values of JSON. */
  export interface Database {
    open(): Promise<void>;
    close(): Promise<void>;
    get(key: string): Promise<unknown>;
    put(key: string, value: unknown): Promise<void>;
    del(key: string): Promise<void>;
    batch(operations: readonly Write[]): Promise<void>;
    iterator(range: Range): AsyncIterable<[string, unknown]>;
    keys(range: Range): AsyncIterable<string>;
    values(range: Range): Values;
    /** By which dynalite reads ranges: set by dynalite, looked up at each use. */
    createValueStream(range: Range): Readable;
  }
  interface Values extends AsyncIterable<unknown> {
    nextv(size: number): Promise<unknown[]>;
    close(): Promise<void>;
  }
  export interface Range {
    readonly gte: string;
    readonly lt: string;
  }
  export type Write =
    | { readonly type: 'put'; readonly key: string; readonly value: unknown }
    | { readonly type: 'del'; readonly key: string };
  export type TableAnswer = (error: Error | null, table?: Table) => void;
  export interface Store {
    readonly db: Database;
    /** @param checkStatus whether a table that is being made counts as none; may be left out. */
    getTable(name: string, checkStatus: boolean | TableAnswer, answer?: TableAnswer): void;
  }
  export type Action = (
    store: Store,
    request: object,
    /** @param error with `body` where it is DynamoDB's answer. */
    answer: (error: Error | null, result?: unknown) => void,
  ) => void;
  const database: {
    create(options: {
      path: string;
      createTableMs: number;
      deleteTableMs: number;
      updateTableMs: number;
    }): Store;
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

declare module 'dynalite/validations/index.js' {
  import type { Store } from 'dynalite/db/index.js';

  export interface Rules {
    readonly types: object;
    readonly custom?: unknown;
  }
  const validations: {
    /** @throws an error whose `body` is DynamoDB's answer. */
    checkTypes(request: unknown, types: object): object;
    checkValidations(request: object, types: object, custom: unknown, store: Store): void;
  };
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default validations;
}

declare module 'dynalite/validations/*.js' {
  export const types: object;
  export const custom: unknown;
}

declare module 'dynalite/actions/*.js' {
  import type { Action } from 'dynalite/db/index.js';

  const action: Action;
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default action;
}
