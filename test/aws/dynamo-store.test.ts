import { randomUUID } from 'node:crypto';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { createDynamoStore } from '../../app/adapters/dynamodb/dynamo-store.ts';
import { describeStore } from '../contracts/store.ts';
import { clientOptions, dynamoDbUrl, motoUrl } from './moto.ts';

const storeAt = (endpoint: string) => async () => {
  const client = new DynamoDB(clientOptions(endpoint));
  const store = createDynamoStore({ client, tableName: `berth-${randomUUID()}` });
  await store.prepare();
  return { store, close: async () => client.destroy() };
};

describeStore('DynamoDB Local', storeAt(dynamoDbUrl));
describeStore('DynamoDB of moto', storeAt(motoUrl));
