import { setTimeout as delay } from 'node:timers/promises';
import type { AttributeValue, UpdateItemCommandInput } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { batchReads } from '../../lib/batch-reads.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { type DynamoApi, isNamed } from './dynamo-api.ts';
import {
  type Change,
  type Condition,
  conditional,
  expressionOf,
  namesIn,
  toAttributes,
  valued,
} from './expressions.ts';
import { type Key, keyOf } from './keys.ts';

/** A raw item, which must be parsed before use. */
export type Item = Readonly<Record<string, unknown>>;

export interface QueryRequest {
  readonly index?: string;
  /** The key condition, with its values; attributes and values as in {@link Condition}. */
  readonly key: Condition;
  readonly filter?: Condition | undefined;
  readonly backwards?: boolean;
  readonly limit?: number;
  readonly startAfter?: Item | undefined;
}

interface QueryPage {
  readonly items: readonly Item[];
  /** Where to continue. If omitted, this is the last page. */
  readonly next: Item | undefined;
}

/** The result of a conditional write: the item afterwards, or that the condition did not hold. */
type Written =
  | { readonly done: true; readonly item: Item }
  /** @property retried The client sent it more than once: an earlier attempt of the same write may have succeeded. */
  | { readonly done: false; readonly retried: boolean };

/** The operations on the table that the stores use. Every read is strongly consistent, except of global indexes. */
export interface DynamoTable {
  /** All gets in one tick are one call. */
  get(key: Key): Promise<Item | undefined>;
  /** The items that exist, in the order of the keys. */
  getAll(keys: readonly Key[]): Promise<Item[]>;
  /** @returns false if the condition does not hold. */
  put(item: Item & Key, condition: Condition): Promise<boolean>;
  /** Updates or creates the item. @returns the item afterwards. */
  update(key: Key, change: Change): Promise<Item>;
  /** @param returns the state of the item in the result, after the change if omitted. */
  updateIf(key: Key, change: Change, condition: Condition, returns?: 'ALL_OLD'): Promise<Written>;
  delete(key: Key): Promise<void>;
  /** @returns false if the condition does not hold. */
  deleteIf(key: Key, condition: Condition): Promise<boolean>;
  query(request: QueryRequest): Promise<QueryPage>;
  /** All pages of a query, up to `limit` items. */
  queryAll(request: QueryRequest): Promise<Item[]>;
  count(request: QueryRequest): Promise<number>;
}

/** Global indexes cannot be read consistently. */
const globalIndexes: ReadonlySet<string> = new Set(['due', 'list', 'active']);
/** The limit of BatchGetItem. */
const maxBatch = 100;

export function createDynamoTable(client: DynamoApi, tableName: string): DynamoTable {
  const query = async (request: QueryRequest, count = false) => {
    const { key, filter, startAfter } = request;
    return client.query({
      TableName: tableName,
      IndexName: request.index,
      ConsistentRead: request.index === undefined || !globalIndexes.has(request.index),
      KeyConditionExpression: key.when,
      FilterExpression: filter?.when,
      ExpressionAttributeNames: namesIn(key.when, filter?.when),
      ...valued({ ...key.values, ...filter?.values }),
      ScanIndexForward: request.backwards !== true,
      Limit: request.limit,
      ExclusiveStartKey: startAfter && toAttributes(startAfter),
      ...(count ? { Select: 'COUNT' as const } : {}),
    });
  };

  const readAll = async (keys: readonly Key[]): Promise<ReadonlyMap<string, Item>> => {
    const found = new Map<string, Item>();
    for (let start = 0; start < keys.length; start += maxBatch) {
      await readBatch(client, tableName, keys.slice(start, start + maxBatch), found);
    }
    return found;
  };
  const readOne = async (key: Key): Promise<ReadonlyMap<string, Item>> => {
    const { Item: item } = await client.getItem({
      TableName: tableName,
      Key: toAttributes(key),
      ConsistentRead: true,
    });
    return new Map(item === undefined ? [] : [[identity(key), unmarshall(item)]]);
  };

  const table: DynamoTable = {
    get: batchReads(identity, (keys) => {
      const [first] = keys;
      return first !== undefined && keys.length === 1 ? readOne(first) : readAll(keys);
    }),

    async getAll(keys) {
      const found = await readAll(keys);
      return keys.flatMap((key) => {
        const item = found.get(identity(key));
        return item === undefined ? [] : [item];
      });
    },

    async put(item, condition) {
      const input = { TableName: tableName, Item: toAttributes(item), ...conditional(condition) };
      return (await conditionally(() => client.putItem(input))).done;
    },

    async update(key, change) {
      const { Attributes: attributes = {} } = await client.updateItem(updateOf(tableName, key, change));
      return unmarshall(attributes);
    },

    async updateIf(key, change, condition, ReturnValues = undefined) {
      const input = { ...updateOf(tableName, key, change, condition), ...omitUndefined({ ReturnValues }) };
      return conditionally(() => client.updateItem(input));
    },

    async delete(key) {
      await client.deleteItem({ TableName: tableName, Key: toAttributes(key) });
    },

    async deleteIf(key, condition) {
      const input = { TableName: tableName, Key: toAttributes(key), ...conditional(condition) };
      return (await conditionally(() => client.deleteItem(input))).done;
    },

    async query(request) {
      const { Items: items = [], LastEvaluatedKey: next } = await query(request);
      return { items: items.map((item) => unmarshall(item)), next: next && unmarshall(next) };
    },

    async queryAll(request) {
      const all: Item[] = [];
      const limit = request.limit ?? Number.POSITIVE_INFINITY;
      let { startAfter } = request;
      do {
        const left = limit - all.length;
        const page = await table.query({
          ...request,
          startAfter,
          ...(Number.isFinite(left) ? { limit: left } : {}),
        });
        all.push(...page.items);
        startAfter = page.next;
      } while (startAfter !== undefined && all.length < limit);
      return all;
    },

    async count(request) {
      let total = 0;
      let { startAfter } = request;
      do {
        const { Count = 0, LastEvaluatedKey } = await query({ ...request, startAfter }, true);
        total += Count;
        startAfter = LastEvaluatedKey && unmarshall(LastEvaluatedKey);
      } while (startAfter !== undefined);
      return total;
    },
  };
  return table;
}

async function readBatch(
  client: DynamoApi,
  tableName: string,
  keys: readonly Key[],
  found: Map<string, Item>,
): Promise<void> {
  let left = keys.map(toAttributes);
  for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 1000)) {
    const { Responses, UnprocessedKeys } = await client.batchGetItem({
      RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } },
    });
    const items = (Responses?.[tableName] ?? []).map((item) => unmarshall(item));
    for (const item of items) found.set(identity(keyOf(item)), item);
    // More than 16 MB, or throttled: DynamoDB names what is left, and asks for a pause before the next try.
    left = UnprocessedKeys?.[tableName]?.Keys ?? [];
    if (left.length === 0) return;
    await delay(pauseMs);
  }
}

function identity(key: Key): string {
  return JSON.stringify([key.pk, key.sk]);
}

async function conditionally(write: () => Promise<unknown>): Promise<Written> {
  try {
    // For writes with a result, the attributes of the item.
    const { Attributes: attributes = {} } = (await write()) as {
      Attributes?: Record<string, AttributeValue>;
    };
    return { done: true, item: unmarshall(attributes) };
  } catch (error) {
    if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
    // The AWS SDK reports it; the embedded database sends nothing, so nothing twice.
    const { $metadata: metadata } = error as { $metadata?: { attempts?: number } };
    return { done: false, retried: (metadata?.attempts ?? 1) > 1 };
  }
}

function updateOf(
  tableName: string,
  key: Key,
  change: Change,
  condition?: Condition,
): UpdateItemCommandInput {
  const { expression, values } = expressionOf(change);
  return {
    TableName: tableName,
    Key: toAttributes(key),
    UpdateExpression: expression,
    ConditionExpression: condition?.when,
    ExpressionAttributeNames: namesIn(expression, condition?.when),
    ...valued({ ...values, ...condition?.values }),
    ReturnValues: 'ALL_NEW',
  };
}
