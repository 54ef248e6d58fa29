import type { CreateTableCommandInput } from '@aws-sdk/client-dynamodb';

/** The indexes of the table, by their queries. `docs/data-model.md` says which items each contains. */
export const indexes = {
  /** Local: tickets, then available stacks, then holds that end, in the order of service. */
  pool: { name: 'pool', sort: 'poolKey' },
  /** Local: available stacks by their last branch. */
  affinity: { name: 'affinity', sort: 'affinityKey' },
  /** Local: the stacks that exist, for the highest number. */
  live: { name: 'live', sort: 'liveKey' },
  /** Items that the sweep must look at, by time. */
  due: { name: 'due', partition: 'dueShard', sort: 'dueKey' },
  /** Runs, projects and keys by creation time. */
  list: { name: 'list', partition: 'listKey', sort: 'listSort' },
  /** Runs that have not ended, by creation time. */
  active: { name: 'active', partition: 'activeKey', sort: 'listSort' },
} as const;

/** Attributes by which the list of runs is filtered without reading the runs. */
const listedAttributes = ['state', 'branch', 'suite', 'sha', 'actor', 'searchText'];

/**
 * The definition of the table, which {@link prepareTable} creates and the Terraform module must match. Only sort keys
 * of local indexes are read with strong consistency, and they can only be created with the table.
 */
export function tableDefinition(tableName: string): CreateTableCommandInput {
  const strings = new Set(['pk', 'sk']);
  for (const index of Object.values(indexes)) {
    if ('partition' in index) strings.add(index.partition);
    strings.add(index.sort);
  }
  return {
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [...strings].map((name) => ({ AttributeName: name, AttributeType: 'S' })),
    KeySchema: keySchema('pk', 'sk'),
    LocalSecondaryIndexes: [
      // Requests read the stacks themselves from these two, without a second read.
      localIndex(indexes.pool, { ProjectionType: 'ALL' }),
      localIndex(indexes.affinity, { ProjectionType: 'ALL' }),
      localIndex(indexes.live, { ProjectionType: 'KEYS_ONLY' }),
    ],
    GlobalSecondaryIndexes: [
      globalIndex(indexes.due, { ProjectionType: 'KEYS_ONLY' }),
      globalIndex(indexes.list, { ProjectionType: 'INCLUDE', NonKeyAttributes: listedAttributes }),
      globalIndex(indexes.active, { ProjectionType: 'KEYS_ONLY' }),
    ],
  };
}

type KeySchema = NonNullable<CreateTableCommandInput['KeySchema']>;
type LocalIndex = NonNullable<CreateTableCommandInput['LocalSecondaryIndexes']>[number];
type GlobalIndex = NonNullable<CreateTableCommandInput['GlobalSecondaryIndexes']>[number];

function keySchema(partition: string, sort: string): KeySchema {
  return [
    { AttributeName: partition, KeyType: 'HASH' },
    { AttributeName: sort, KeyType: 'RANGE' },
  ];
}

function localIndex(index: { name: string; sort: string }, projection: LocalIndex['Projection']): LocalIndex {
  return { IndexName: index.name, KeySchema: keySchema('pk', index.sort), Projection: projection };
}

function globalIndex(
  index: { name: string; partition: string; sort: string },
  projection: GlobalIndex['Projection'],
): GlobalIndex {
  return {
    IndexName: index.name,
    KeySchema: keySchema(index.partition, index.sort),
    Projection: projection,
  };
}
