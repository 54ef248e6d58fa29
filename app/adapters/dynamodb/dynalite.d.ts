// dynalite 4 has no types; these are for the parts that Berth uses.

declare module 'dynalite/db/index.js' {
  import type { Readable } from 'node:stream';

  export interface Table {
    readonly TableName: string;
    readonly TableStatus: string;
    readonly GlobalSecondaryIndexes?: readonly { readonly IndexName: string; readonly IndexStatus: string }[];
  }
  export interface Range {
    readonly gte: string;
    readonly lt: string;
    /** If negative or omitted, no limit. */
    readonly limit?: number;
  }
  type PartOfRange = Partial<Range> & { readonly gt?: string };
  export type Write =
    | { readonly type: 'put'; readonly key: string; readonly value: unknown }
    | { readonly type: 'del'; readonly key: string };
  export type Done = (error: Error | null) => void;

  /** LevelDB with JSON values. */
  export interface Database {
    open(): Promise<void>;
    close(): Promise<void>;
    getSync(key: string): unknown;
    /** @see https://github.com/Level/classic-level#dbgetpropertyproperty */
    getProperty(property: 'leveldb.sstables'): string;
    batch(writes: readonly Write[]): Promise<void>;
    iterator(range: PartOfRange): AsyncIterable<[string, unknown]>;
    values(range: Range & { highWaterMarkBytes?: number }): Values;
    keys(options: { keyEncoding: 'buffer' }): Values;
    /** The function by which dynalite reads ranges: set by dynalite, looked up at each use. */
    createValueStream(range: Range): Readable;
  }
  interface Values {
    /** @returns none at the end. */
    nextv(size: number): Promise<unknown[]>;
    close(): Promise<void>;
  }

  /** A part of the database whose keys share a prefix. */
  export interface SubDatabase {
    get(key: string, answer: (error: Error | null, value?: unknown) => void): void;
    put(key: string, value: unknown, done: Done): void;
    del(key: string, done: Done): void;
  }
  export interface Store {
    readonly db: Database;
    /** @param checkStatus whether a table that is being created counts as missing; optional. */
    getTable(name: string, checkStatus: boolean | TableAnswer, answer?: TableAnswer): void;
    /** Prefix `item-<table>~`. */
    getItemDb(table: string): SubDatabase;
    /** Prefix `index-<kind in small letters>~<table>~<index>~`. */
    getIndexDb(kind: string, table: string, index: string): SubDatabase;
  }
  export type TableAnswer = (error: Error | null, table?: Table) => void;
  export type Action = (
    store: Store,
    request: object,
    /** @param error has `body` if it is an answer of DynamoDB. */
    answer: (error: Error | null, result?: unknown) => void,
  ) => void;

  const database: {
    create(options: {
      path: string;
      createTableMs: number;
      deleteTableMs: number;
      updateTableMs: number;
    }): Store;
  };
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default database;
}

declare module 'dynalite/db/*Parser.js' {
  export interface ExpressionParser {
    /** Looked up at each use. @throws an error whose message is DynamoDB's, without the name of the expression. */
    parse(text: string, options: { readonly context: ExpressionContext }): unknown;
  }
  /** Shared by all expressions of a request. */
  export interface ExpressionContext {
    readonly attrNames?: Readonly<Record<string, string>>;
    readonly attrVals?: Readonly<Record<string, object>>;
    readonly isKeyCondition?: boolean;
    /** Names and values are removed when an expression uses them. */
    readonly unusedAttrNames: Record<string, true>;
    readonly unusedAttrVals: Record<string, true>;
  }
  const parser: ExpressionParser;
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default parser;
}

declare module 'dynalite/validations/index.js' {
  import type { Store } from 'dynalite/db/index.js';

  export interface Rules {
    readonly types: object;
    readonly custom?: unknown;
  }
  const validations: {
    /** @throws an error whose `body` is the answer of DynamoDB. */
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

declare module 'dynalite' {
  import type { Server } from 'node:http';

  /** @returns a server that does not listen yet, of a database in memory. */
  // biome-ignore lint/style/noDefaultExport: it is how the package exports
  export default function dynalite(options: { createTableMs?: number }): Server;
}
