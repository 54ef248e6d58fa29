import { EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTaskDefinitionCommand, DescribeTasksCommand, ECSClient } from '@aws-sdk/client-ecs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { createEcsExecutor } from '../../../app/adapters/fargate/fargate-executor.ts';
import type { EcsSettings } from '../../../app/adapters/fargate/fargate-settings.ts';
import { projectId, runId } from '../../../app/core/model/ids.ts';
import { serviceDefaults } from '../../../app/core/model/service.ts';
import type { LaunchRequest } from '../../../app/ports/executor.ts';
import { clientOptions, makeEcs, motoUrl } from './moto.ts';

const ecs = new ECSClient(clientOptions());
let number = 0;

function executorWith(settings: EcsSettings, endpoint = motoUrl) {
  return createEcsExecutor({
    ecs: new ECSClient(clientOptions(endpoint)),
    ec2: new EC2Client(clientOptions(endpoint)),
    settings,
    clock: { now: () => new Date() },
    random: Math.random,
    sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
}

function request(change: Partial<LaunchRequest> = {}): LaunchRequest {
  number += 1;
  const id = runId(`01RUN${number}${Date.now()}`);
  return {
    runId: id,
    projectId: projectId('gh-1'),
    launch: 1,
    jobUrl: `https://objects.example/runs/${id}/job.json?signed=1`,
    cpuUnits: 300,
    memoryMib: 700,
    timeoutSeconds: 60,
    env: { REPO_URL: 'https://git.example/r.git', BRANCH: 'main', TEST_COMMAND: 'npm test', RUN_ID: id },
    untrusted: false,
    ...change,
  };
}

describe('a task on Fargate', () => {
  let settings: EcsSettings;
  beforeAll(async () => {
    settings = await makeEcs({ public: true });
  });

  const taskOf = async (arn: string) => {
    const { tasks = [] } = await ecs.send(
      new DescribeTasksCommand({ cluster: settings.cluster, tasks: [arn], include: ['TAGS'] }),
    );
    return tasks[0];
  };

  it('can be found by its run, project, stack and launch', async () => {
    const asked = request({ stackName: 'test-7' });
    const { arn } = await executorWith(settings).launch(asked);
    const task = await taskOf(arn);
    expect(task?.startedBy).toBe(asked.runId);
    expect(Object.fromEntries(task?.tags?.map(({ key, value }) => [key, value]) ?? [])).toMatchObject({
      'berth:run': asked.runId,
      'berth:project': 'gh-1',
      'berth:stack': 'test-7',
      'berth:launch': '1',
    });
  });

  it('has the size that Fargate offers next above the one asked for, and the settings of its container', async () => {
    const asked = request();
    const { arn } = await executorWith(settings).launch(asked);
    const overrides = (await taskOf(arn))?.overrides;
    expect(overrides).toMatchObject({ cpu: '512', memory: '1024' });
    const [container] = overrides?.containerOverrides ?? [];
    expect(container?.name).toBe('runner');
    expect(Object.fromEntries(container?.environment?.map(({ name, value }) => [name, value]) ?? [])).toEqual(
      {
        ...asked.env,
        BERTH_JOB_URL: asked.jobUrl,
      },
    );
  });

  it('says where its log is', async () => {
    const { arn, log } = await executorWith(settings).launch(request());
    const id = arn.slice(arn.lastIndexOf('/') + 1);
    expect(log).toEqual({
      group: `/berth/${settings.cluster}`,
      stream: `run/runner/${id}`,
      region: 'us-east-1',
    });
  });

  it('runs a separate image by a copy of the task definition, registered once', async () => {
    const executor = executorWith(settings);
    const image = 'registry.example/team/app:2';
    const first = await taskOf((await executor.launch(request({ image }))).arn);
    const second = await taskOf((await executorWith(settings).launch(request({ image }))).arn);
    const { taskDefinition } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: first?.taskDefinitionArn }),
    );
    expect(taskDefinition?.containerDefinitions?.map((container) => container.image)).toEqual([image]);
    expect(taskDefinition?.containerDefinitions?.[0]?.logConfiguration?.logDriver).toBe('awslogs');
    expect(second?.taskDefinitionArn).toBe(first?.taskDefinitionArn);
  });

  it('runs services as containers of one task, by a definition registered once', async () => {
    const db = {
      ...serviceDefaults,
      name: 'db',
      image: 'postgres:16',
      env: {},
      ready: 'pg_isready',
      ports: [],
    };
    const first = await executorWith(settings).launch(request({ services: [db] }));
    const second = await executorWith(settings).launch(request({ services: [db] }));
    const [task, other] = [await taskOf(first.arn), await taskOf(second.arn)];
    expect(other?.taskDefinitionArn).toBe(task?.taskDefinitionArn);
    expect(task?.overrides).toMatchObject({ cpu: '1024', memory: '2048' });
    const { taskDefinition } = await ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: task?.taskDefinitionArn }),
    );
    expect(taskDefinition).toMatchObject({ cpu: '1024', memory: '2048' });
    expect(taskDefinition?.containerDefinitions).toMatchObject([
      { name: 'runner', dependsOn: [{ containerName: 'service-db', condition: 'HEALTHY' }] },
      { name: 'service-db', image: 'postgres:16', memory: 1024, essential: false },
    ]);
  });

  it('is refused with what to do where nothing has the tag of the network', async () => {
    const lost = { ...settings, subnetTag: { key: 'berth:network', value: 'nowhere' } };
    await expect(executorWith(lost).launch(request())).rejects.toMatchObject({
      code: 'launch_failed',
      message: 'No subnet in us-east-1 has the tag berth:network = nowhere.',
      hint: 'Tag the subnets for tasks, or set SUBNET_ID.',
    });
  });

  it('is refused with what to do where its definition is missing', async () => {
    const lost = { ...settings, taskDefinition: 'no-such-family' };
    await expect(executorWith(lost).launch(request())).rejects.toMatchObject({
      code: 'launch_failed',
      hint: expect.stringContaining('ECS_TASK_DEFINITION_ARN'),
    });
  });
});
