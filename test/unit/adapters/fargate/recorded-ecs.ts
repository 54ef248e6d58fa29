import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { afterAll } from '@jest/globals';
import nock from 'nock';
import { awsClientOptions } from '../../../../app/adapters/aws/client-options.ts';
import { createEcsExecutor } from '../../../../app/adapters/fargate/fargate-executor.ts';
import { type EcsSettings, ecsDefaults } from '../../../../app/adapters/fargate/fargate-settings.ts';
import { projectId, runId } from '../../../../app/core/model/ids.ts';
import type { LaunchRequest } from '../../../../app/ports/executor.ts';

// Jest's workers share Node's own modules: left patched, they would disturb the test files that follow.
afterAll(() => nock.restore());

export const taskArn = 'arn:aws:ecs:eu-central-1:123456789012:task/berth/0123456789abcdef0123456789abcdef';

/** A task as RunTask and DescribeTasks describe it: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html */
export const task = {
  taskArn,
  taskDefinitionArn: 'arn:aws:ecs:eu-central-1:123456789012:task-definition/berth-runner:3',
  clusterArn: 'arn:aws:ecs:eu-central-1:123456789012:cluster/berth',
  lastStatus: 'PROVISIONING',
  desiredStatus: 'RUNNING',
  createdAt: 1_770_000_000.25,
  cpu: '512',
  memory: '1024',
  ephemeralStorage: { sizeInGiB: 20 },
  attributes: [{ name: 'ecs.cpu-architecture', value: 'arm64' }],
  capacityProviderName: 'FARGATE_SPOT',
  containers: [{ name: 'runner', lastStatus: 'PENDING' }],
};

export const settings = {
  ...ecsDefaults,
  region: 'eu-central-1',
  installation: 'berth-a',
  cluster: 'berth',
  taskDefinition: 'berth-runner',
  containerName: 'runner',
  log: { group: '/berth/runs', streamPrefix: 'run' },
  untrustedTaskRoleArn: 'arn:aws:iam::123456789012:role/berth-nobody',
  subnetIds: ['subnet-1', 'subnet-2'],
  securityGroupIds: ['sg-1'],
  publicIp: 'never',
  patienceSeconds: 30,
} as const satisfies EcsSettings;

/** The next call of this operation of ECS is answered so. */
export function ecsAnswers<Call = unknown>(
  operation: string,
  status: number,
  body: unknown,
): { readonly calls: readonly Call[] } {
  const calls: Call[] = [];
  nock('https://ecs.eu-central-1.amazonaws.com')
    .post('/')
    .matchHeader('x-amz-target', `AmazonEC2ContainerServiceV20141113.${operation}`)
    .reply(status, (_uri, asked) => {
      calls.push(JSON.parse(String(asked)));
      return JSON.stringify(body);
    });
  return { calls };
}

/** An executor that answers come to from {@link ecsAnswers}; time passes only while it sleeps. */
export function recordedExecutor(change: Partial<EcsSettings> = {}, base: EcsSettings = settings) {
  const credentials = { accessKeyId: 'testing', secretAccessKey: 'testing' };
  const random = () => 0.5;
  const options = {
    ...awsClientOptions({ region: 'eu-central-1', random, baseDelayMs: 1, maxAttempts: 2 }),
    credentials,
  };
  let now = 1_770_000_000_000;
  const slept: number[] = [];
  const executor = createEcsExecutor({
    ecs: new ECSClient(options),
    ec2: new EC2Client(options),
    settings: { ...base, ...change },
    clock: { now: () => new Date(now) },
    random,
    sleep: async (milliseconds) => {
      slept.push(milliseconds);
      now += milliseconds;
    },
  });
  return { executor, slept };
}

export function launchRequest(change: Partial<LaunchRequest> = {}): LaunchRequest {
  return {
    runId: runId('01HRUN'),
    projectId: projectId('gh-1'),
    launch: 1,
    jobUrl: 'https://objects.example/runs/01HRUN/job.json?X-Amz-Signature=0',
    cpuUnits: 512,
    memoryMib: 1024,
    timeoutSeconds: 60,
    env: {
      REPO_URL: 'https://git.example/r.git',
      BRANCH: 'main',
      TEST_COMMAND: 'npm test',
      RUN_ID: '01HRUN',
    },
    untrusted: false,
    ...change,
  };
}
