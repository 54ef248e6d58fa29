import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createDynamoStore } from '../../../app/adapters/dynamodb/dynamo-store.ts';
import { runId } from '../../../app/core/model/ids.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import type { Store } from '../../../app/ports/store.ts';
import { randomFrom } from '../../campaign/random.ts';
import { eventually } from '../../helpers/eventually.ts';
import { gitRepository } from '../../helpers/git-repository.ts';
import { specOf } from '../../helpers/memory-deps.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type Account, makeAccount } from './functions.ts';
import { type KilledWorkers, killedWorkers } from './killed-workers.ts';
import { clientOptions, dynamoDbUrl } from './moto.ts';
import { pretendFargate } from './pretend-fargate.ts';

/**
 * A campaign, by hand: `BERTH_CAMPAIGN_RUNS=300 BERTH_CAMPAIGN_SEED=8 npm run test:aws -- test/system/aws/campaign`.
 */
const { BERTH_CAMPAIGN_RUNS: runCount = '6', BERTH_CAMPAIGN_SEED: seed = '7' } = process.env;
const isByHand = process.env.BERTH_CAMPAIGN_RUNS !== undefined;
const oneInFive = 0.2;
const maxTasks = 2;
const exitCodes = Array.from({ length: Number(runCount) }, (_, index) => [0, 0, 3, 0, 4, 0][index % 6] ?? 0);
const ids = exitCodes.map((_, index) => runId(`faulty-run-${index}`));
const limitSeconds = 600 + 60 * ids.length;
jest.setTimeout(limitSeconds * 1000);

describe('runs on AWS, with failing calls, lost and doubled events, late reads, and killed workers', () => {
  let account: Account;
  let directory: TemporaryDirectory;
  let workers: KilledWorkers;
  let looking: Promise<void>;
  let fargate: ReturnType<typeof pretendFargate>;
  let store: Store;
  const ecs = new ECSClient(clientOptions());
  const random = randomFrom(Number(seed)).next;
  const events = { lost: 0, doubled: 0 };
  /** The most tasks that were seen at one moment. */
  let most = 0;
  let isOver = false;

  beforeAll(async () => {
    directory = await temporaryDirectory();
    const settings = { BERTH_MAX_TASKS: String(maxTasks), BERTH_LOG_LEVEL: 'silent' };
    account = await makeAccount(settings, Number(seed));
    Object.assign(process.env, account.environment);
    const schedule = await import('../../../app/lambda/schedule.ts');
    // The test looks at the table past the failures.
    store = createDynamoStore({ client: new DynamoDB(clientOptions(dynamoDbUrl)), tableName: account.name });
    fargate = pretendFargate({
      cluster: account.ecs.cluster,
      logGroup: `/berth/${account.ecs.cluster}`,
      async tellEvent(event, isLast) {
        const chance = random();
        // If the last event of a task is lost, Berth finds its end five minutes later. That takes too long for every change.
        if (chance < 0.25 && (!isLast || isByHand)) events.lost += 1;
        else await account.send(event);
        if (chance < 0.75) return;
        events.doubled += 1;
        await account.send(event);
      },
    });
    await fargate.makeLogGroup();
    await schedule.handler({ task: 'setup' });
    workers = await killedWorkers({
      count: 2,
      mostKills: ids.length,
      environment: { ...account.environment, QUEUE_URL: account.queueUrl },
      random,
    });
    looking = lookAround();
  });
  afterAll(async () => {
    isOver = true;
    await workers.stop();
    await looking;
    await fargate.ended();
    await account.close();
    await directory.remove();
  });

  async function lookAround(): Promise<void> {
    while (!isOver) {
      most = Math.max(most, (await tasksOf({ desiredStatus: 'RUNNING' })).length);
      await fargate.look();
      await delay(20);
    }
  }

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
    account.proxy.setUnknownSeconds(2);
    for (const [index, id] of ids.entries()) {
      const spec = specOf({ source: { kind: 'git', url }, command: `exit ${exitCodes[index]}` });
      await untilDone(() => startRun(deps, { project, id, spec, trigger: { kind: 'api' } }));
    }
    await outbox.sent();
    const runs = await eventually(
      'all runs to be settled',
      async () => {
        const found = await Promise.all(ids.map((id) => store.runs.get(id)));
        const settled = found.flatMap((run) => (run?.settledAt === undefined ? [] : [run]));
        return settled.length === ids.length && settled;
      },
      limitSeconds,
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
    expect(events.lost + events.doubled).toBeGreaterThan(0);
    expect(workers.kills()).toBeGreaterThan(0);
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
