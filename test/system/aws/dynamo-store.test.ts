import { randomUUID } from 'node:crypto';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import pLimit from 'p-limit';
import type { DynamoApi } from '../../../app/adapters/dynamodb/dynamo-api.ts';
import { createDynamoStore } from '../../../app/adapters/dynamodb/dynamo-store.ts';
import { describeStore } from '../../contract/store.ts';
import { clientOptions, dynamoDbUrl, motoUrl } from './moto.ts';

const storeAt = (endpoint: string, around: (client: DynamoApi) => DynamoApi) => async () => {
  const client = new DynamoDB(clientOptions(endpoint));
  const store = createDynamoStore({ client: around(client), tableName: `berth-${randomUUID()}` });
  await store.prepare();
  return { store, close: async () => client.destroy() };
};

/**
 * moto answers each request in a separate thread, and checks a condition and writes without a lock in between: under
 * load two of fifty racers win. What DynamoDB promises of races is shown by DynamoDB Local and dynalite; moto gets one
 * request at a time.
 */
function oneAtATime(client: DynamoApi): DynamoApi {
  const turn = pLimit(1);
  return {
    getItem: (input) => turn(() => client.getItem(input)),
    batchGetItem: (input) => turn(() => client.batchGetItem(input)),
    putItem: (input) => turn(() => client.putItem(input)),
    updateItem: (input) => turn(() => client.updateItem(input)),
    deleteItem: (input) => turn(() => client.deleteItem(input)),
    query: (input) => turn(() => client.query(input)),
    createTable: (input) => turn(() => client.createTable(input)),
    describeTable: (input) => turn(() => client.describeTable(input)),
  };
}

describeStore(
  'DynamoDB Local',
  storeAt(dynamoDbUrl, (client) => client),
);
describeStore('DynamoDB of moto', storeAt(motoUrl, oneAtATime));
