import { join } from 'node:path';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createDynamoStore } from '../../../app/adapters/dynamodb/dynamo-store.ts';
import { runId } from '../../../app/core/model/ids.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import type { Store } from '../../../app/ports/store.ts';
import { eventually } from '../../helpers/eventually.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { specOf } from '../../helpers/memory-deps.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type Account, makeAccount, startPoller } from './functions.ts';
import { clientOptions, dynamoDbUrl } from './moto.ts';
import { pretendFargate } from './pretend-fargate.ts';
import { sweptUntil } from './swept-until.ts';

const oneInFive = 0.2;
const maxTasks = 2;
const exitCodes = [0, 0, 3, 0, 4, 0];
const ids = exitCodes.map((_, index) => runId(`faulty-run-${index}`));

describe('runs on AWS, with one call in five failing and two tasks at the same time', () => {
  let account: Account;
  let directory: TemporaryDirectory;
  let poller: ReturnType<typeof startPoller>;
  let fargate: ReturnType<typeof pretendFargate>;
  let store: Store;
  const ecs = new ECSClient(clientOptions());
  /** The most tasks that were seen at one moment. */
  let most = 0;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    account = await makeAccount({ BERTH_MAX_TASKS: String(maxTasks), BERTH_LOG_LEVEL: 'silent' });
    Object.assign(process.env, account.environment);
    const [queue, schedule] = [
      await import('../../../app/lambda/queue.ts'),
      await import('../../../app/lambda/schedule.ts'),
    ];
    // The test looks at the table past the failures.
    store = createDynamoStore({ client: new DynamoDB(clientOptions(dynamoDbUrl)), tableName: account.name });
    fargate = pretendFargate({
      cluster: account.ecs.cluster,
      logGroup: `/berth/${account.ecs.cluster}`,
      tellEvent: account.send,
    });
    await fargate.makeLogGroup();
    await schedule.handler({ task: 'setup' });
    poller = startPoller(account, queue.handler, async () => {
      most = Math.max(most, (await tasksOf({ desiredStatus: 'RUNNING' })).length);
      await fargate.look();
    });
  });
  afterAll(async () => {
    await poller.stop();
    await fargate.ended();
    await account.close();
    await directory.remove();
  });

  const tasksOf = async (filter: { startedBy?: string; desiredStatus?: 'RUNNING' | 'STOPPED' }) => {
    const { cluster } = account.ecs;
    const { taskArns = [] } = await ecs.send(new ListTasksCommand({ cluster, ...filter }));
    return taskArns;
  };

  it('end each as their tests did, with one task each, never more than two at the same time, and none left behind', async () => {
    const { getContainer } = await import('../../../app/lambda/get-container.ts');
    const { deps, outbox } = await getContainer();
    const { url } = await gitRepository(join(directory.path, 'repository'), { 'README.md': 'hello\n' });
    const { items: projects } = await store.projects.list();
    const [project] = projects;
    if (project === undefined) throw new Error('the setup made no project');

    account.proxy.setRate(oneInFive);
    account.database.setRate(oneInFive);
    for (const [index, id] of ids.entries()) {
      const spec = specOf({ source: { kind: 'git', url }, command: `exit ${exitCodes[index]}` });
      await untilDone(() => startRun(deps, { project, id, spec, trigger: { kind: 'api' } }));
    }
    await outbox.sent();
    const runs = await sweptUntil(() =>
      eventually(
        'all runs to be settled',
        async () => {
          const found = await Promise.all(ids.map((id) => store.runs.get(id)));
          const settled = found.flatMap((run) => (run?.settledAt === undefined ? [] : [run]));
          return settled.length === ids.length && settled;
        },
        600,
      ),
    );
    account.proxy.setRate(0);
    account.database.setRate(0);

    // With the summary, which says what failed where this fails.
    expect(runs.map(({ state, outcome }) => [state, outcome?.exitCode, outcome?.summary])).toEqual(
      exitCodes.map((code) => [code === 0 ? 'succeeded' : 'failed', code, expect.any(String)]),
    );
    for (const id of ids) {
      const arns = [
        ...(await tasksOf({ startedBy: id, desiredStatus: 'RUNNING' })),
        ...(await tasksOf({ startedBy: id, desiredStatus: 'STOPPED' })),
      ];
      expect([id, new Set(arns).size]).toEqual([id, 1]);
    }
    const { tasks = [] } = await ecs.send(
      new DescribeTasksCommand({
        cluster: account.ecs.cluster,
        tasks: runs.flatMap(({ task }) => task?.arn ?? []),
      }),
    );
    expect(tasks.map(({ desiredStatus }) => desiredStatus)).toEqual(ids.map(() => 'STOPPED'));
    expect(await tasksOf({ desiredStatus: 'RUNNING' })).toEqual([]);
    expect(fargate.launched()).toBe(ids.length);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(maxTasks);
    expect(await store.slots.read()).toMatchObject({ active: [], waiting: [] });
    // Without failures the test would have shown nothing.
    for (const { faults } of [account.proxy, account.database])
      expect([...faults.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThan(5);
  });

  /** Repeats requests that are not known to have succeeded, as a client does. */
  async function untilDone<Result>(step: () => Promise<Result>, triesLeft = 30): Promise<Result> {
    try {
      return await step();
    } catch (error) {
      if (triesLeft === 0) throw error;
      return untilDone(step, triesLeft - 1);
    }
  }
});
