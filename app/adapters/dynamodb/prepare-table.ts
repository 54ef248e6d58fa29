import { setTimeout as delay } from 'node:timers/promises';
import type { TableDescription } from '@aws-sdk/client-dynamodb';
import { BerthError } from '../../core/model/errors.ts';
import { type DynamoApi, isNamed } from './dynamo-api.ts';
import { indexes, tableDefinition } from './table-definition.ts';

/** DynamoDB creates a table within about ten seconds; the embedded one immediately. */
const looks = { count: 120, firstMs: 10, mostMs: 1000 };

/**
 * Creates the table if it does not exist, and waits until it is usable.
 *
 * @throws BerthError `config_invalid` if a table of this name exists and is not Berth's.
 */
export async function prepareTable(client: DynamoApi, tableName: string): Promise<void> {
  let table = await describe(client, tableName);
  if (table === undefined) await create(client, tableName);
  let pauseMs = looks.firstMs;
  for (let look = 0; table?.TableStatus !== 'ACTIVE' && table?.TableStatus !== 'UPDATING'; look += 1) {
    if (look === looks.count)
      throw new Error(`table ${tableName} is still ${table?.TableStatus ?? 'missing'}`);
    await delay(pauseMs);
    pauseMs = Math.min(pauseMs * 2, looks.mostMs);
    table = await describe(client, tableName);
  }
  refuseOtherTable(table, tableName);
}

async function describe(client: DynamoApi, tableName: string): Promise<TableDescription | undefined> {
  try {
    return (await client.describeTable({ TableName: tableName })).Table;
  } catch (error) {
    if (isNamed(error, 'ResourceNotFoundException')) return undefined;
    throw error;
  }
}

async function create(client: DynamoApi, tableName: string): Promise<void> {
  try {
    await client.createTable(tableDefinition(tableName));
  } catch (error) {
    // Another process has created the table.
    if (!isNamed(error, 'ResourceInUseException')) throw error;
  }
}

function refuseOtherTable(table: TableDescription, tableName: string): void {
  const present = new Set(
    [...(table.LocalSecondaryIndexes ?? []), ...(table.GlobalSecondaryIndexes ?? [])].map(
      (index) => index.IndexName,
    ),
  );
  const missing = Object.values(indexes).filter((index) => !present.has(index.name));
  if (missing.length === 0) return;
  throw new BerthError(
    'config_invalid',
    `Table ${tableName} lacks the index ${missing.map((index) => index.name).join(', ')}.`,
    { hint: 'It was created for something else: name another table, or let Berth create one.' },
  );
}
