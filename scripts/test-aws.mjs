/**
 * Runs the tests in test/system/aws against moto's server and DynamoDB Local. Downloads them from PyPI and Maven Central
 * once. Arguments go to jest: `npm run test:aws -- test/system/aws/ecs-executor.test.ts`.
 */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDynamoDbLocal, installMoto } from './aws-servers/install.mjs';
import { startMoto, startServer } from './aws-servers/start.mjs';
import { noAccount, withServers } from './aws-servers/with-servers.mjs';
import { exitWith, runJestWorkers } from './testing/run-jest.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
// The tests wait more than they work. Each worker has a separate account: a moto server.
const workers = 3;

async function main() {
  const moto = await installMoto(cache);
  const dynamoDb = await installDynamoDbLocal(cache);
  const local = /listening on (http:\/\/127\.0\.0\.1:\d+)/;
  const starting = [
    startServer('DynamoDB Local', dynamoDb.command, dynamoDb.args, local),
    ...Array.from({ length: workers }, () => startMoto(moto)),
  ];
  return withServers(starting, ([table, ...motos]) => {
    const settings = motos.map(({ url }) => ({ BERTH_TEST_MOTO_URL: url }));
    return runJestWorkers('aws', process.argv.slice(2), settings, {
      ...noAccount,
      BERTH_TEST_DYNAMODB_URL: table.url,
    });
  });
}

await exitWith("The tests against AWS's APIs cannot run here", main);
