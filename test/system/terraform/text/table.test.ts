import { expect, it } from '@jest/globals';
import { z } from 'zod';
import { tableDefinition } from '../../../../app/adapters/dynamodb/table-definition.ts';
import { literalsIn, readModule } from '../../../../scripts/terraform/hcl.ts';

const indexSchema = z
  .object({
    name: z.string(),
    hash_key: z.string().optional(),
    range_key: z.string(),
    projection_type: z.string(),
    non_key_attributes: z.array(z.string()).optional(),
  })
  .strict();
type Index = z.output<typeof indexSchema>;

const tableSchema = z.looseObject({
  billing_mode: z.string(),
  hash_key: z.string(),
  range_key: z.string(),
  local_secondary_index: z.array(indexSchema),
  global_secondary_index: z.array(indexSchema),
  dynamic: z.object({
    attribute: z.tuple([
      z.object({
        for_each: z.string(),
        content: z.tuple([z.object({ type: z.literal('S') })]),
      }),
    ]),
  }),
});

const keys = (partition: string, sort: string) => [
  { AttributeName: partition, KeyType: 'HASH' },
  { AttributeName: sort, KeyType: 'RANGE' },
];

it('creates the table that the store expects', async () => {
  const { resources } = await readModule('terraform/modules/storage');
  const table = tableSchema.parse(resources.get('aws_dynamodb_table.this'));
  const [attribute] = table.dynamic.attribute;
  const definition = (index: Index) => ({
    IndexName: index.name,
    KeySchema: keys(index.hash_key ?? table.hash_key, index.range_key),
    Projection: {
      ProjectionType: index.projection_type,
      ...(index.non_key_attributes && { NonKeyAttributes: index.non_key_attributes }),
    },
  });
  const byName = (one: { AttributeName: string }, other: { AttributeName: string }): number =>
    one.AttributeName.localeCompare(other.AttributeName);
  const attributes = (await literalsIn(attribute.for_each)).filter((text) => text.trim() !== '');

  const expected = tableDefinition('berth');
  expect({
    TableName: 'berth',
    BillingMode: table.billing_mode,
    AttributeDefinitions: attributes
      .map((name) => ({ AttributeName: name, AttributeType: 'S' }))
      .sort(byName),
    KeySchema: keys(table.hash_key, table.range_key),
    LocalSecondaryIndexes: table.local_secondary_index.map(definition),
    GlobalSecondaryIndexes: table.global_secondary_index.map(definition),
  }).toEqual({
    ...expected,
    AttributeDefinitions: [...(expected.AttributeDefinitions ?? [])].sort((one, other) =>
      String(one.AttributeName).localeCompare(String(other.AttributeName)),
    ),
  });
});
