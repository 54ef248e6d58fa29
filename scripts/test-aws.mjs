/**
 * Runs the tests in test/system/aws against moto's server and DynamoDB Local. Downloads them from PyPI and Maven Central
 * once. Arguments go to jest: `npm run test:aws -- test/system/aws/ecs-executor.test.ts`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDynamoDbLocal, installMoto } from './aws-servers/install.mjs';
import { startServer } from './aws-servers/start.mjs';
import { exitWith, runJest } from './testing/run-jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
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
  const servers = await Promise.all([
    startServer('moto', moto, ['-H', '127.0.0.1', '-p', '0'], /Running on (http:\/\/127\.0\.0\.1:\d+)/),
    startServer(
      'DynamoDB Local',
      dynamoDb.command,
      dynamoDb.args,
      /listening on (http:\/\/127\.0\.0\.1:\d+)/,
    ),
  ]);
  // An interrupt also stops the servers.
  const stop = () => Promise.all(servers.map((server) => server.stop()));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => stop().then(() => process.exit(1)));
  try {
    return await runJest('aws', ['--runInBand', ...process.argv.slice(2)], {
      ...account,
      BERTH_TEST_MOTO_URL: servers[0].url,
      BERTH_TEST_DYNAMODB_URL: servers[1].url,
    });
  } finally {
    await stop();
  }
}

await exitWith("The tests against AWS's APIs cannot run here", main);
