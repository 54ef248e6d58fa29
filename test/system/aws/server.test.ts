import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createDynamoStore } from '../../../app/adapters/dynamodb/dynamo-store.ts';
import { berth } from '../../helpers/berth-process.ts';
import { eventually } from '../../helpers/eventually.ts';
import { freePort } from '../../helpers/free-port.ts';
import { type GitRepository, gitRepository } from '../../helpers/git-repository.ts';
import { type ServerProcess, startServer } from '../../helpers/server-process.ts';
import { removeDirectory } from '../../helpers/temporary-directory.ts';
import { clientOptions, dynamoDbUrl, makeEcs, motoUrl } from './moto.ts';
import { pretendFargate } from './pretend-fargate.ts';

const credentials = { AWS_ACCESS_KEY_ID: 'testing', AWS_SECRET_ACCESS_KEY: 'testing' };
const noExecutor = { BERTH_EXECUTOR: '' };

let directory: string;
let repository: GitRepository;
let port: string;
let stopped: boolean;
let looking: Promise<void>;
let fargate: ReturnType<typeof pretendFargate>;
/** The variables that the older server read from its `.env`. */
let older: Record<string, string>;
const servers: ServerProcess[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'berth-server-'));
  port = String(await freePort());
  repository = await gitRepository(join(directory, 'repository'), { 'test.sh': 'echo "tests of $BRANCH"\n' });
  const ecs = await makeEcs({ public: true });
  older = {
    ...credentials,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: motoUrl,
    ECS_CLUSTER_NAME: ecs.cluster,
    ECS_TASK_DEFINITION_ARN: ecs.taskDefinition,
    CONTAINER_NAME: 'runner',
    // Instead of SUBNET_ID and SECURITY_GROUP_ID.
    BERTH_SUBNET_TAG: `berth:network=${ecs.subnetTag.value}`,
    BERTH_SECURITY_GROUP_TAG: `berth:network=${ecs.securityGroupTag.value}`,
  };
  fargate = pretendFargate({
    cluster: ecs.cluster,
    logGroup: `/berth/${ecs.cluster}`,
    tellEvent: async () => {},
  });
  await fargate.makeLogGroup();
  stopped = false;
  looking = look();
});
afterEach(async () => {
  stopped = true;
  await looking;
  await fargate.ended();
  await Promise.all(servers.splice(0).map((server) => server.kill()));
  await removeDirectory(directory);
});

async function look(): Promise<void> {
  while (!stopped) {
    await fargate.look();
    await delay(50);
  }
}

/** @param name of the data directory. */
async function start(name: string, environment: Record<string, string>): Promise<ServerProcess> {
  await mkdir(join(directory, name), { recursive: true });
  const lines = Object.entries(environment).map(([variable, value]) => `${variable}=${value}\n`);
  await writeFile(join(directory, name, '.env'), lines.join(''));
  const server = await startServer(join(directory, name, 'data'), { PORT: port, ...noExecutor });
  servers.push(server);
  return server;
}

async function executed(server: ServerProcess, command: string): Promise<string> {
  const { status, body } = await server.call('POST', '/workflow/execute', {
    repo_url: repository.url,
    branch: repository.branch,
    test_command: command,
    cache: { key: 'test.sh', paths: 'vendor' },
  });
  expect({ status, body }).toMatchObject({ status: 202 });
  return String(body.workflow_id);
}

const ended = (server: ServerProcess, id: string) =>
  eventually(`the end of ${id}`, async () => {
    const { body } = await server.call('GET', `/workflow/${id}/status`);
    return body.status === 'STOPPED' && body.conclusion !== null && body;
  });

async function makeStorage() {
  const name = `berth-${port}`;
  await new S3Client({ ...clientOptions(), forcePathStyle: true }).send(
    new CreateBucketCommand({ Bucket: name }),
  );
  await createDynamoStore({ client: new DynamoDB(clientOptions(dynamoDbUrl)), tableName: name }).prepare();
  return { BERTH_TABLE: name, BERTH_BUCKET: name, AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl };
}

describe('berth serve', () => {
  it("launches Fargate tasks with nothing but the older server's .env", async () => {
    const server = await start('old', older);
    const id = await executed(server, 'sh test.sh');
    expect(await ended(server, id)).toMatchObject({
      state: 'succeeded',
      conclusion: 'success',
      exit_code: 0,
    });
    expect(fargate.launched()).toBe(1);
    const { body } = await server.call('GET', `/workflow/${id}/status`);
    expect(body.task_arn).toMatch(/^arn:aws:ecs:us-east-1:/);
    const { body: log } = await server.call('GET', `/workflow/${id}/logs`);
    expect(JSON.stringify(log.lines)).toContain('tests of main');
  });

  it('keeps everything in a table and a bucket, so that a new server with an empty disk continues', async () => {
    const storage = await makeStorage();
    const first = await start('first', { ...older, ...storage });
    const id = await executed(first, 'sh test.sh && mkdir vendor && echo x > vendor/x');
    expect(await ended(first, id)).toMatchObject({ state: 'succeeded' });
    await first.kill();
    servers.pop();

    const second = await start('second', { ...older, ...storage });
    const { status, body } = await second.call('GET', `/workflow/${id}/status`);
    expect({ status, body }).toMatchObject({ status: 200, body: { state: 'succeeded' } });
    const report = await fetch(`${second.url}/workflow/${id}/report`, {
      headers: { 'x-api-key': second.apiKey },
    });
    expect(report.status).toBe(200);
    const warm = await executed(second, 'cat vendor/x');
    expect(await ended(second, warm)).toMatchObject({ state: 'succeeded' });
    const { body: run } = await second.call('GET', `/workflow/${warm}`);
    expect(run.caches).toEqual([expect.objectContaining({ outcome: 'hit', branch: 'main' })]);
  });

  it('keeps its state on AWS and runs tests on this machine', async () => {
    const { AWS_REGION = '', AWS_ENDPOINT_URL = '' } = older;
    const env = { ...credentials, AWS_REGION, AWS_ENDPOINT_URL, ...(await makeStorage()) };
    const server = await start('mixed', env);
    const id = await executed(server, 'sh test.sh');
    expect(await ended(server, id)).toMatchObject({ state: 'succeeded' });
    expect(fargate.launched()).toBe(0);
    const { body: log } = await server.call('GET', `/workflow/${id}/logs`);
    expect(JSON.stringify(log.lines)).toContain('tests of main');
  });

  it('names the variable of a table that it cannot read, and does not start', async () => {
    const { err, exitCode } = await berth(['serve', '--json', '--port', port], {
      directory,
      env: { ...noExecutor, ...older, BERTH_TABLE: 'no-such-table', AWS_ENDPOINT_URL_DYNAMODB: dynamoDbUrl },
    });
    expect(exitCode).not.toBe(0);
    expect(err).toContain('Berth cannot read the table no-such-table in us-east-1 (BERTH_TABLE, AWS_REGION)');
  });
});
