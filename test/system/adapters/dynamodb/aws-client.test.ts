import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import dynalite from 'dynalite';
import { createDynamoStore } from '../../../../app/adapters/dynamodb/dynamo-store.ts';
import { describeStore } from '../../../contract/store.ts';
import { tableName } from '../../../unit/adapters/dynamodb/open-embedded-store.ts';

/** The client of AWS, over HTTP: what runs on AWS, but for the server. `npm run test:aws` has DynamoDB Local as well. */
describeStore('DynamoDB, by the AWS SDK,', async () => {
  const server = dynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A server that listens on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const client = new DynamoDB({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const store = createDynamoStore({ client, tableName });
  await store.prepare();
  return {
    store,
    async close() {
      client.destroy();
      server.close();
      await once(server, 'close');
    },
  };
});
