import { EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createEcsExecutor } from '../../../app/adapters/fargate/fargate-executor.ts';
import type { EcsSettings } from '../../../app/adapters/fargate/fargate-settings.ts';
import { BerthError } from '../../../app/core/model/errors.ts';
import { projectId, runId } from '../../../app/core/model/ids.ts';
import type { TaskRef } from '../../../app/core/model/task.ts';
import type { Executor, LaunchRequest } from '../../../app/ports/executor.ts';
import { type FaultProxy, faultKinds, startFaultProxy } from '../../helpers/fault-proxy.ts';
import { clientOptions, makeEcs, motoUrl } from './moto.ts';

const direct = new ECSClient(clientOptions());
const oneInFive = 0.2;
const runs = 24;
/** Long enough that a busy machine is never taken for a silent one. */
const timeoutMs = 3_000;

/** Repeats what is not known to have succeeded, as a sweep does. A BerthError ends a run, so it counts. */
async function untilDone<Result>(step: () => Promise<Result>, triesLeft = 30): Promise<Result> {
  try {
    return await step();
  } catch (error) {
    if (error instanceof BerthError || triesLeft === 0) throw error;
    return untilDone(step, triesLeft - 1);
  }
}

describe('between Berth and ECS, with one call in five failing', () => {
  let proxy: FaultProxy;
  let settings: EcsSettings;
  beforeAll(async () => {
    settings = await makeEcs();
    proxy = await startFaultProxy({ target: motoUrl, rate: oneInFive, seed: 7 });
  });
  afterAll(() => proxy.close());

  const executor = (): Executor => {
    const options = clientOptions(proxy.url, { timeoutMs, maxAttempts: 3 });
    return createEcsExecutor({
      ecs: new ECSClient(options),
      ec2: new EC2Client(options),
      settings,
      clock: { now: () => new Date() },
      random: Math.random,
      sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds / 10)),
    });
  };
  const requestOf = (id: string, launch = 1): LaunchRequest => ({
    runId: runId(id),
    projectId: projectId('gh-1'),
    launch,
    // A presigned URL is another with every try.
    jobUrl: `https://objects.example/job.json?signed=${Math.random()}`,
    cpuUnits: 256,
    memoryMib: 512,
    timeoutSeconds: 60,
    env: {},
    untrusted: false,
  });
  const arnsOf = async (id: string): Promise<readonly string[]> => {
    const { taskArns = [] } = await direct.send(
      new ListTasksCommand({ cluster: settings.cluster, startedBy: id }),
    );
    return taskArns;
  };

  it('every launch makes one task, and every stop ends it', async () => {
    const ids = Array.from({ length: runs }, (_, index) => `faulty-${index}`);
    const tasks = await Promise.all(
      ids.map(async (id): Promise<TaskRef> => {
        const { arn } = await untilDone(() => executor().launch(requestOf(id)));
        return { executor: 'fargate', arn };
      }),
    );
    for (const [index, id] of ids.entries())
      expect([id, await arnsOf(id)]).toEqual([id, [tasks[index]?.arn]]);

    const statuses = await untilDone(() => executor().describe(tasks));
    expect(statuses.size).toBe(runs);
    await Promise.all(tasks.map((task) => untilDone(() => executor().stop(task, 'enough'))));
    const { tasks: ended = [] } = await direct.send(
      new DescribeTasksCommand({ cluster: settings.cluster, tasks: tasks.map(({ arn }) => arn) }),
    );
    expect(ended.map(({ desiredStatus }) => desiredStatus)).toEqual(tasks.map(() => 'STOPPED'));
    // Without failures of every kind the test would have shown nothing.
    for (const kind of faultKinds) expect([kind, proxy.faults.get(kind) ?? 0]).not.toEqual([kind, 0]);
  });

  const lossy = faultKinds.filter((kind) => kind !== 'throttling');

  it.each(lossy)(
    'a launch whose answer is lost by %s is found again, even by another server',
    async (kind) => {
      proxy.setRate(0);
      const id = `lost-${kind.replaceAll(' ', '-')}`;
      proxy.plan('RunTask', kind, kind, kind);
      await expect(executor().launch(requestOf(id))).rejects.not.toBeInstanceOf(BerthError);
      const { arn } = await executor().launch(requestOf(id));
      expect(await arnsOf(id)).toEqual([arn]);
    },
  );

  it('servers that launch one run at the same time make one task', async () => {
    proxy.setRate(oneInFive);
    const launches = Array.from({ length: 8 }, () => untilDone(() => executor().launch(requestOf('raced'))));
    const arns = new Set((await Promise.all(launches)).map(({ arn }) => arn));
    expect(arns.size).toBe(1);
    expect(await arnsOf('raced')).toEqual([...arns]);
  });
});
