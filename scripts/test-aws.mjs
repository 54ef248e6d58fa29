/**
 * Runs the tests in test/system/aws against moto's server and DynamoDB Local. Downloads them from PyPI and Maven Central
 * once. Arguments go to jest: `npm run test:aws -- test/system/aws/ecs-executor.test.ts`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDynamoDbLocal, installMoto } from './aws-servers/install.mjs';
import { startMoto, startServer } from './aws-servers/start.mjs';
import { exitWith, runJestWorkers } from './testing/run-jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
// The tests wait more than they work. Each worker has a separate account: a moto server.
const workers = 3;
// Invalid credentials: AWS would reject a test that reaches it by mistake.
const account = {
  AWS_ACCESS_KEY_ID: 'testing',
  AWS_SECRET_ACCESS_KEY: 'testing',
  AWS_SESSION_TOKEN: 'testing',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
};

async function main() {
  const moto = await installMoto(cache);
  const dynamoDb = await installDynamoDbLocal(cache);
  const local = /listening on (http:\/\/127\.0\.0\.1:\d+)/;
  const servers = await Promise.all([
    startServer('DynamoDB Local', dynamoDb.command, dynamoDb.args, local),
    ...Array.from({ length: workers }, () => startMoto(moto)),
  ]);
  const [table, ...motos] = servers;
  // An interrupt also stops the servers.
  const stop = () => Promise.all(servers.map((server) => server.stop()));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
  try {
    const settings = motos.map(({ url }) => ({ BERTH_TEST_MOTO_URL: url }));
    return await runJestWorkers('aws', process.argv.slice(2), settings, {
      ...account,
      BERTH_TEST_DYNAMODB_URL: table.url,
    });
  } finally {
    await stop();
  }
}

await exitWith("The tests against AWS's APIs cannot run here", main);
