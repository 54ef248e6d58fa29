import type { z } from 'zod';
import { LostRace } from '../../core/model/errors.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import type { Expiry } from './expiry.ts';
import { type dueShards, type Key, keyOf, timeKey } from './keys.ts';
import { listDue } from './list-due.ts';
import { parseItem } from './parse-item.ts';

interface Revised {
  /** Grows with every write; 0 is a document that does not exist yet. */
  readonly revision: number;
  readonly dueAt?: Date;
}

export interface DocumentKind<Document extends Revised> {
  readonly kind: string;
  readonly schema: z.ZodType<Document>;
  /** Its partition in the index `due`. */
  readonly shard: (typeof dueShards)[keyof typeof dueShards];
  readonly keyFor: (document: Document) => Key;
  /** Attributes of other indexes. */
  readonly indexed?: (document: Document) => Item;
  /** Whether nothing needs the document anymore, so that it expires. */
  readonly isIdle: (document: Document) => boolean;
  /** The name of a document in errors. */
  readonly nameOf: (document: Document) => string;
}

/** Documents: an item each, stored as text, with a revision, and in the index `due` while they have a time. */
export function revisedDocuments<Document extends Revised>(
  table: DynamoTable,
  expiry: Expiry,
  { kind, schema, shard, keyFor, indexed, isIdle, nameOf }: DocumentKind<Document>,
) {
  const parse = (item: Item): Document => {
    const parsed: unknown = JSON.parse(String(item.document));
    const woken = typeof item.wokenAt === 'string' ? { dueAt: item.wokenAt } : {};
    const { pk, sk, revision } = item;
    return parseItem(schema, { pk, sk, ...Object(parsed), ...woken, revision });
  };

  function itemOf(document: Document): Item & Key {
    const key = keyFor(document);
    const { revision, dueAt } = document;
    return {
      ...key,
      kind,
      version: 1,
      revision,
      document: JSON.stringify(document),
      ...indexed?.(document),
      ttl: expiry(dueAt === undefined && isIdle(document)),
      ...(dueAt === undefined ? {} : { dueShard: shard, dueKey: timeKey(dueAt, key.pk) }),
    };
  }

  async function getAll(keys: readonly Key[]): Promise<Document[]> {
    return (await table.getAll(keys)).map(parse);
  }

  return {
    async get(key: Key): Promise<Document | undefined> {
      const item = await table.get(key);
      return item === undefined ? undefined : parse(item);
    },

    getAll,

    /** @throws LostRace if the stored revision is a different one. */
    async save(document: Document): Promise<Document> {
      const { revision } = document;
      const next = { ...document, revision: revision + 1 };
      const condition =
        revision === 0
          ? { when: 'attribute_not_exists(#pk)' }
          : { when: '#revision = :seen', values: { ':seen': revision } };
      if (await table.put(itemOf(next), condition)) return next;
      throw new LostRace(`${nameOf(document)} is no longer at revision ${revision}`);
    },

    /**
     * Makes a document that fulfills the condition due. Its next write includes that.
     *
     * @param options.first the document to create if it does not exist.
     */
    async wake(key: Key, now: Date, { when, first }: { when: string; first?: Document }): Promise<void> {
      const due = { dueShard: shard, dueKey: timeKey(now, key.pk), wokenAt: now, ttl: undefined };
      const setOnce =
        first === undefined ? {} : { setOnce: { kind, version: 1, document: JSON.stringify(first) } };
      const condition = { when: first === undefined ? `attribute_exists(#pk) AND ${when}` : when };
      await table.updateIf(key, { set: due, ...setOnce, add: { revision: 1 } }, condition);
    },

    async due(now: Date, limit: number): Promise<Document[]> {
      const documents = await getAll((await listDue(table, shard, now, limit)).map(keyOf));
      return documents.filter(({ dueAt }) => dueAt !== undefined && dueAt <= now);
    },
  };
}
