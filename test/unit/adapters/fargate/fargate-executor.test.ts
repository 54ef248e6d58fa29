import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { projectId } from '../../../../app/core/model/ids.ts';
import { type Service, serviceDefaults } from '../../../../app/core/model/service.ts';
import { ecsAnswers, launchRequest, recordedExecutor, settings, task, taskArn } from './recorded-ecs.ts';

/** Texts are AWS's own: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html */
const noCapacity =
  'Capacity is unavailable at this time. Please try again later or in a different availability zone';
interface ToldTask {
  readonly overrides: {
    readonly containerOverrides: readonly [{ readonly environment: readonly { name: string }[] }];
  };
}
const none = { tasks: [], failures: [] };

beforeAll(() => nock.disableNetConnect());
afterEach(() => {
  expect(nock.pendingMocks()).toEqual([]);
  nock.cleanAll();
});
afterAll(() => nock.enableNetConnect());

describe('launching on Fargate', () => {
  it('sends the same client token for every attempt of a launch, within 64 characters', async () => {
    const tokens: string[] = [];
    for (const jobUrl of ['https://objects.example/1', 'https://objects.example/2']) {
      ecsAnswers('ListTasks', 200, { taskArns: [] });
      const { calls } = ecsAnswers<{ clientToken: string }>('RunTask', 200, { tasks: [task] });
      await recordedExecutor().executor.launch(launchRequest({ jobUrl }));
      tokens.push(...calls.map((call) => call.clientToken));
    }
    expect(tokens[0]).toMatch(/^[!-~]{10,64}$/);
    expect(tokens[1]).toBe(tokens[0]);
  });

  it('finds the existing task of a launch instead of starting another', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [taskArn, `${taskArn}2`] });
    const tagged = (arn: string, launch: string) => ({
      ...task,
      taskArn: arn,
      tags: [
        { key: 'berth:run', value: '01HRUN' },
        { key: 'berth:launch', value: launch },
      ],
    });
    ecsAnswers('DescribeTasks', 200, { tasks: [tagged(taskArn, '1'), tagged(`${taskArn}2`, '2')] });
    const { executor } = recordedExecutor();
    expect((await executor.launch(launchRequest({ launch: 2 }))).arn).toBe(`${taskArn}2`);
  });

  it('does not search for a task that no earlier call can have launched', async () => {
    ecsAnswers('RunTask', 200, { tasks: [task] });
    const { executor } = recordedExecutor();
    expect((await executor.launch(launchRequest({ isFirstCall: true }))).arn).toBe(taskArn);
  });

  it('uses the task in a token conflict', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    ecsAnswers('RunTask', 400, {
      __type: 'ConflictException',
      message: 'clientToken is already in use',
      resourceIds: [taskArn],
    });
    ecsAnswers('DescribeTasks', 200, { tasks: [{ ...task, lastStatus: 'PENDING' }] });
    const { executor } = recordedExecutor();
    expect(await executor.launch(launchRequest())).toMatchObject({ arn: taskArn, lastStatus: 'PENDING' });
  });

  it('uses another token if the first one failed', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const first = ecsAnswers<{ clientToken: string }>('RunTask', 400, {
      __type: 'ConflictException',
      message: 'in use',
      resourceIds: [],
    });
    const second = ecsAnswers('RunTask', 200, { tasks: [task] });
    const { executor } = recordedExecutor();
    expect((await executor.launch(launchRequest())).arn).toBe(taskArn);
    expect(second.calls[0]).not.toMatchObject({
      clientToken: first.calls[0]?.clientToken,
    });
  });

  it('runs on demand if Spot has no capacity', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const spot = ecsAnswers('RunTask', 200, { tasks: [], failures: [{ reason: noCapacity }] });
    const onDemand = ecsAnswers('RunTask', 200, { tasks: [task] });
    const { executor } = recordedExecutor({ spot: true });
    await executor.launch(launchRequest());
    expect(spot.calls).toMatchObject([{ capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT' }] }]);
    expect(onDemand.calls).toMatchObject([{ capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] }]);
  });

  it('runs on demand after a Spot interruption', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const { calls } = ecsAnswers('RunTask', 200, { tasks: [task] });
    await recordedExecutor({ spot: true }).executor.launch(launchRequest({ launch: 2 }));
    expect(calls).toMatchObject([{ capacityProviderStrategy: [{ capacityProvider: 'FARGATE' }] }]);
  });

  it('waits longer each time for capacity, and finally reports it', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    for (let call = 0; call < 10; call += 1) {
      ecsAnswers('RunTask', 400, { __type: 'ClientException', message: `${noCapacity}.` });
    }
    const { executor, slept } = recordedExecutor();
    await expect(executor.launch(launchRequest())).rejects.toMatchObject({
      code: 'no_capacity',
      message: expect.stringContaining('AWS has no Fargate capacity for this task at the moment.'),
      hint: 'Berth tried for 30 seconds.',
    });
    expect(slept).toEqual([500, 1000, 2000, 4000, 4000, 4000, 4000, 4000, 4000]);
  });

  it('recognizes throttling in another error', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const message =
      'Error retrieving subnet information for [subnet-1, subnet-2]: Request limit exceeded. (ErrorCode: RequestLimitExceeded)';
    ecsAnswers('RunTask', 400, { __type: 'InvalidParameterException', message });
    ecsAnswers('RunTask', 400, { __type: 'ClientException', message: 'Rate exceeded' });
    ecsAnswers('RunTask', 200, { tasks: [task] });
    expect((await recordedExecutor().executor.launch(launchRequest())).arn).toBe(taskArn);
  });

  it('reads the task definition again, once, if AWS rejects the cached one', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const message = 'TaskDefinition is inactive';
    const { calls: refused } = ecsAnswers('RunTask', 400, { __type: 'InvalidParameterException', message });
    const { calls } = ecsAnswers('RunTask', 200, { tasks: [task] });
    expect((await recordedExecutor().executor.launch(launchRequest())).arn).toBe(taskArn);
    expect([refused.length, calls.length]).toEqual([1, 1]);
  });

  it('recognizes a rejection among the failures of a successful response', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    ecsAnswers('RunTask', 200, { tasks: [], failures: [{ reason: 'MISSING', detail: 'no such cluster' }] });
    await expect(recordedExecutor().executor.launch(launchRequest())).rejects.toMatchObject({
      code: 'launch_failed',
      message: expect.stringContaining('MISSING: no such cluster'),
    });
  });

  it('omits the command if the overrides would be too long', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const { calls } = ecsAnswers<ToldTask>('RunTask', 200, { tasks: [task] });
    const env = { ...launchRequest().env, TEST_COMMAND: 'x'.repeat(8_000) };
    await recordedExecutor().executor.launch(launchRequest({ env }));
    expect(JSON.stringify(calls[0]?.overrides).length).toBeLessThan(8_192);
    const names = calls[0]?.overrides.containerOverrides[0].environment.map(({ name }) => name);
    expect(names).toEqual(['REPO_URL', 'BRANCH', 'RUN_ID', 'BERTH_JOB_URL']);
  });

  it('gives untrusted code the role without permissions', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const { calls } = ecsAnswers('RunTask', 200, { tasks: [task] });
    await recordedExecutor().executor.launch(launchRequest({ untrusted: true }));
    expect(calls).toMatchObject([
      { overrides: { taskRoleArn: 'arn:aws:iam::123456789012:role/berth-nobody' } },
    ]);
  });

  it.each([
    ['trusted code of a project', {}, 'arn:aws:iam::123456789012:role/shop'],
    ['code from a fork', { untrusted: true }, 'arn:aws:iam::123456789012:role/berth-nobody'],
    ['code of another project', { projectId: projectId('gh-2') }, undefined],
  ])('gives %s its role, where a project has one of its own', async (_name, change, taskRoleArn) => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    const { calls } = ecsAnswers<{ overrides: { taskRoleArn?: string } }>('RunTask', 200, { tasks: [task] });
    const projectTaskRoleArns = new Map([['gh-1', 'arn:aws:iam::123456789012:role/shop']]);
    await recordedExecutor({ projectTaskRoleArns }).executor.launch(launchRequest(change));
    expect(calls[0]?.overrides.taskRoleArn).toBe(taskRoleArn);
  });

  it('does not run untrusted code with the role of the definition', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    ecsAnswers('DescribeTaskDefinition', 200, {
      taskDefinition: {
        taskDefinitionArn: task.taskDefinitionArn,
        family: 'berth-runner',
        status: 'ACTIVE',
        taskRoleArn: 'arn:aws:iam::123456789012:role/admin',
        containerDefinitions: [{ name: 'runner', essential: true }],
      },
    });
    const { untrustedTaskRoleArn: _, ...withoutRole } = settings;
    const { executor } = recordedExecutor({}, withoutRole);
    await expect(executor.launch(launchRequest({ untrusted: true }))).rejects.toMatchObject({
      code: 'launch_failed',
      message: 'Code from a fork is not run with the role arn:aws:iam::123456789012:role/admin.',
    });
  });

  it('reports a size that Fargate does not support', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    await expect(
      recordedExecutor().executor.launch(launchRequest({ memoryMib: 200_000 })),
    ).rejects.toMatchObject({ code: 'launch_failed', message: expect.stringContaining('200000 MiB') });
  });

  it.each([
    [
      'ClientException',
      'ECS was unable to assume the role that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.',
      'iam:PassRole',
    ],
    [
      'AccessDeniedException',
      'User is not authorized to perform: ecs:RunTask',
      'AWS said: AccessDeniedException',
    ],
    ['ClusterNotFoundException', 'Cluster not found.', 'AWS said: ClusterNotFoundException'],
  ])('explains what to do about a %s', async (__type, message, advice) => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    ecsAnswers('RunTask', 400, { __type, message });
    await expect(recordedExecutor().executor.launch(launchRequest())).rejects.toMatchObject({
      code: 'launch_failed',
      message: expect.stringContaining(advice),
    });
  });

  it('reports nothing if AWS did not respond', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    ecsAnswers('RunTask', 500, { __type: 'ServerException', message: 'Service Unavailable' });
    ecsAnswers('RunTask', 500, { __type: 'ServerException', message: 'Service Unavailable' });
    await expect(recordedExecutor().executor.launch(launchRequest())).rejects.toMatchObject({
      name: 'ServerException',
    });
  });
});

describe('a task on Fargate', () => {
  const described = async (change: object) => {
    ecsAnswers('DescribeTasks', 200, { tasks: [{ ...task, ...change }] });
    const { executor } = recordedExecutor();
    return (await executor.describe([{ executor: 'fargate', arn: taskArn }])).get(taskArn);
  };

  it('has its resources and its log', async () => {
    expect(await described({ lastStatus: 'RUNNING' })).toMatchObject({
      resources: {
        cpuUnits: 512,
        memoryMib: 1024,
        storageGib: 20,
        architecture: 'ARM64',
        spot: true,
        region: 'eu-central-1',
      },
      log: {
        group: '/berth/runs',
        stream: 'run/runner/0123456789abcdef0123456789abcdef',
        region: 'eu-central-1',
      },
    });
  });

  it('ended with the exit code of the runner', async () => {
    const status = await described({
      lastStatus: 'STOPPED',
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
      containers: [
        { name: 'sidecar', exitCode: 0 },
        { name: 'runner', exitCode: 3 },
      ],
    });
    expect(status).toMatchObject({ exitCode: 3, stoppedReason: 'Essential container in task exited' });
    expect(status?.failure).toBeUndefined();
  });

  it('is retried after a Spot interruption', async () => {
    const status = await described({
      lastStatus: 'STOPPED',
      stopCode: 'SpotInterruption',
      stoppedReason: 'Your Spot Task was interrupted.',
    });
    expect(status?.failure).toMatchObject({ code: 'interrupted', retryable: true });
  });

  it('is missing if ECS does not know it', async () => {
    ecsAnswers('DescribeTasks', 200, { tasks: [], failures: [{ arn: taskArn, reason: 'MISSING' }] });
    const { executor } = recordedExecutor();
    expect((await executor.describe([{ executor: 'fargate', arn: taskArn }])).size).toBe(0);
  });

  it('is described with ninety-nine others in one call', async () => {
    const refs = Array.from({ length: 201 }, (_, index) => ({
      executor: 'fargate',
      arn: `${taskArn}${index}`,
    }));
    const calls = [0, 1, 2].map(() => ecsAnswers<{ tasks: unknown[] }>('DescribeTasks', 200, none).calls);
    await recordedExecutor().executor.describe(refs);
    expect(calls.flat().map(({ tasks }) => tasks.length)).toEqual([100, 100, 1]);
  });

  it('can be stopped although it is gone', async () => {
    ecsAnswers('StopTask', 400, {
      __type: 'InvalidParameterException',
      message: 'The referenced task was not found.',
    });
    await recordedExecutor().executor.stop({ executor: 'fargate', arn: taskArn }, 'enough');
  });

  it("gets the reason of its stop, up to ECS's limit", async () => {
    const { calls } = ecsAnswers('StopTask', 200, { task });
    await recordedExecutor().executor.stop({ executor: 'fargate', arn: taskArn }, 'x'.repeat(300));
    expect(calls).toEqual([{ cluster: 'berth', task: taskArn, reason: 'x'.repeat(255) }]);
  });
});

describe("Berth's tasks in a cluster", () => {
  it('are those of this installation, on all pages, with their keep tag', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [`${taskArn}1`, `${taskArn}2`], nextToken: 'more' });
    ecsAnswers('ListTasks', 200, { taskArns: [`${taskArn}3`, `${taskArn}4`] });
    const ours: [string, string] = ['berth:installation', 'berth-a'];
    const tags = (...pairs: [string, string][]) => pairs.map(([key, value]) => ({ key, value }));
    ecsAnswers('DescribeTasks', 200, {
      tasks: [
        { ...task, taskArn: `${taskArn}1`, tags: tags(['berth:run', 'A'], ours) },
        { ...task, taskArn: `${taskArn}2`, tags: tags(['team', 'other']) },
        { ...task, taskArn: `${taskArn}3`, tags: tags(['berth:run', 'B'], ours, ['berth:keep', '']) },
        {
          ...task,
          taskArn: `${taskArn}4`,
          tags: tags(['berth:run', 'C'], ['berth:installation', 'berth-b']),
        },
      ],
    });
    expect(await recordedExecutor().executor.listTasks()).toEqual([
      { task: { executor: 'fargate', arn: `${taskArn}1` }, runId: 'A', keep: false, isStopped: false },
      { task: { executor: 'fargate', arn: `${taskArn}3` }, runId: 'B', keep: true, isStopped: false },
    ]);
  });
});

describe('services on Fargate', () => {
  const db: Service = {
    ...serviceDefaults,
    name: 'db',
    image: 'postgres:16',
    env: { POSTGRES_PASSWORD: 'test' },
    command: ['postgres', '-c', 'fsync=off'],
    ready: 'pg_isready',
    ports: [5432],
    timeoutSeconds: 300,
    credentials: 'secretsmanager:berth/secrets/shared/registry',
  };
  const base = {
    taskDefinitionArn: 'arn:aws:ecs:eu-central-1:123456789012:task-definition/berth-runner:3',
    family: 'berth-runner',
    status: 'ACTIVE',
    executionRoleArn: 'arn:aws:iam::123456789012:role/execution',
    networkMode: 'awsvpc',
    containerDefinitions: [
      {
        name: 'runner',
        image: 'runner:1',
        logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-stream-prefix': 'run' } },
      },
    ],
  };

  it('are containers of the same task, which is as large as all, and waits for their health', async () => {
    ecsAnswers('ListTasks', 200, { taskArns: [] });
    ecsAnswers('DescribeTaskDefinition', 200, { taskDefinition: base, tags: [] });
    ecsAnswers('DescribeTaskDefinition', 400, {
      __type: 'ClientException',
      message: 'Unable to describe task definition.',
    });
    const arn = 'arn:aws:ecs:eu-central-1:123456789012:task-definition/berth-runner-image-services-1:1';
    const registered = ecsAnswers('RegisterTaskDefinition', 200, {
      taskDefinition: { ...base, taskDefinitionArn: arn },
    });
    const run = ecsAnswers('RunTask', 200, { tasks: [task] });
    await recordedExecutor().executor.launch(
      launchRequest({
        cpuUnits: 1024,
        memoryMib: 2048,
        services: [{ ...db, registry: { username: 'me', password: 'hunter2' } }],
      }),
    );
    expect(JSON.stringify([registered.calls, run.calls])).not.toContain('hunter2');
    expect(registered.calls).toMatchObject([
      {
        family: expect.stringMatching(/^berth-runner-image-services-[0-9a-f]{16}$/),
        cpu: '2048',
        memory: '4096',
        containerDefinitions: [
          {
            name: 'runner',
            image: 'runner:1',
            dependsOn: [{ containerName: 'service-db', condition: 'HEALTHY' }],
          },
          {
            name: 'service-db',
            image: 'postgres:16',
            essential: false,
            command: ['postgres', '-c', 'fsync=off'],
            environment: [{ name: 'POSTGRES_PASSWORD', value: 'test' }],
            cpu: 512,
            memory: 1024,
            startTimeout: 120,
            healthCheck: { command: ['CMD-SHELL', 'pg_isready'], startPeriod: 300 },
            repositoryCredentials: { credentialsParameter: 'berth/secrets/shared/registry' },
            logConfiguration: { options: { 'awslogs-stream-prefix': 'run' } },
          },
        ],
      },
    ]);
    expect(run.calls).toMatchObject([
      {
        taskDefinition: arn,
        overrides: {
          cpu: '2048',
          memory: '4096',
          // Every container of a task gets the credentials of its role.
          taskRoleArn: settings.untrustedTaskRoleArn,
        },
      },
    ]);
  });

  const statusOf = async (change: object) => {
    ecsAnswers('DescribeTasks', 200, { tasks: [{ ...task, ...change }] });
    const found = await recordedExecutor().executor.describe([{ executor: 'fargate', arn: taskArn }]);
    return found.get(taskArn);
  };

  it('have states and logs', async () => {
    const status = await statusOf({
      lastStatus: 'RUNNING',
      containers: [
        { name: 'runner', lastStatus: 'RUNNING' },
        { name: 'service-db', lastStatus: 'RUNNING', healthStatus: 'HEALTHY' },
        { name: 'service-mail', lastStatus: 'STOPPED', exitCode: 2 },
      ],
    });
    const log = (name: string) => ({
      group: '/berth/runs',
      stream: `run/${name}/0123456789abcdef0123456789abcdef`,
      region: 'eu-central-1',
    });
    expect(status?.services).toEqual([
      { name: 'db', state: 'ready', log: log('service-db') },
      { name: 'mail', state: 'stopped', exitCode: 2, log: log('service-mail') },
    ]);
  });

  it.each([
    [{ exitCode: 1 }, 'The service db exited with 1 before it was ready.'],
    [
      { exitCode: 137, reason: 'OutOfMemoryError: Container killed due to memory usage' },
      'The service db ran out of memory before it was ready.',
    ],
    [{ exitCode: 143, healthStatus: 'UNHEALTHY' }, 'The service db was not ready within its time limit.'],
  ])('are named if the task does not start because of them: %j', async (end, message) => {
    const { failure } =
      (await statusOf({
        lastStatus: 'STOPPED',
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'Task failed to start',
        containers: [
          { name: 'runner', lastStatus: 'STOPPED' },
          { name: 'service-db', lastStatus: 'STOPPED', ...end },
        ],
      })) ?? {};
    expect(failure).toEqual({ code: 'service_not_ready', message, retryable: false });
  });

  it('are not the reason if an image cannot be pulled', async () => {
    const { failure } =
      (await statusOf({
        lastStatus: 'STOPPED',
        stopCode: 'TaskFailedToStart',
        stoppedReason: 'CannotPullContainerError: pull image manifest has been retried: not found',
        containers: [
          { name: 'runner', lastStatus: 'STOPPED' },
          { name: 'service-db', lastStatus: 'STOPPED', healthStatus: 'UNKNOWN' },
        ],
      })) ?? {};
    expect(failure?.code).toBe('task_not_started');
  });
});
