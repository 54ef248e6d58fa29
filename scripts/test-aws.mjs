/**
 * Runs the tests in test/system/aws against moto's server and DynamoDB Local. Downloads them from PyPI and Maven Central
 * once. Arguments go to jest: `npm run test:aws -- test/system/aws/ecs-executor.test.ts`.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installDynamoDbLocal, installMoto, Missing } from './aws-servers/install.mjs';
import { startServer } from './aws-servers/start.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');

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
    return await jest({ BERTH_TEST_MOTO_URL: servers[0].url, BERTH_TEST_DYNAMODB_URL: servers[1].url });
  } finally {
    await stop();
  }
}

function jest(endpoints) {
  const jestProgram = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const args = ['--experimental-vm-modules', jestProgram, '--selectProjects', 'aws', '--runInBand'];
  // Invalid credentials: AWS would reject a test that reaches it by mistake.
  const credentials = {
    AWS_ACCESS_KEY_ID: 'testing',
    AWS_SECRET_ACCESS_KEY: 'testing',
    AWS_SESSION_TOKEN: 'testing',
  };
  const env = {
    ...process.env,
    ...credentials,
    AWS_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...endpoints,
  };
  const child = spawn(process.execPath, [...args, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
    env,
  });
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  console.error(`The tests against AWS's APIs cannot run here: ${error.message}`);
  process.exitCode = 1;
}
