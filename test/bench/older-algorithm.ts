import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { type DynamoApi, isNamed } from '../../app/adapters/dynamodb/dynamo-api.ts';

const tableName = 'older';

interface OlderStack {
  readonly project: string;
  readonly stackName: string;
  readonly branch: string;
  readonly isAvailable: boolean;
  readonly lastRequested: string;
}

/** The algorithm of the older stack orchestrator, on a plain table without indexes. */
export interface OlderPool {
  seed(size: number, nameOf: (number: number) => { branch: string; lastRequested: Date }): Promise<void>;
  /** Reads all stacks of the project, sorts them by the time of their request, and takes one by a conditional update. */
  request(branch: string): Promise<string>;
  release(stackName: string): Promise<void>;
}

export async function olderTable(client: DynamoApi): Promise<(project: string) => OlderPool> {
  await client.createTable({
    TableName: tableName,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: 'project', AttributeType: 'S' },
      { AttributeName: 'stackName', AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: 'project', KeyType: 'HASH' },
      { AttributeName: 'stackName', KeyType: 'RANGE' },
    ],
  });
  return (project) => olderPool(client, project);
}

function olderPool(client: DynamoApi, project: string): OlderPool {
  const readAll = async (): Promise<OlderStack[]> => {
    const stacks: OlderStack[] = [];
    let start: Awaited<ReturnType<DynamoApi['query']>>['LastEvaluatedKey'];
    do {
      const page = await client.query({
        TableName: tableName,
        KeyConditionExpression: '#project = :project',
        ExpressionAttributeNames: { '#project': 'project' },
        ExpressionAttributeValues: { ':project': { S: project } },
        ConsistentRead: true,
        ExclusiveStartKey: start,
      });
      // Written by `seed` and by `update` below, in this form.
      stacks.push(...(page.Items ?? []).map((item) => unmarshall(item) as OlderStack));
      start = page.LastEvaluatedKey;
    } while (start !== undefined);
    return stacks;
  };

  const update = async (stackName: string, set: Record<string, unknown>, wasAvailable: boolean) => {
    const names = Object.keys(set);
    const values = Object.fromEntries(names.map((name) => [`:${name}`, set[name]]));
    await client.updateItem({
      TableName: tableName,
      Key: marshall({ project, stackName }),
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: '#isAvailable = :wasAvailable',
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
      ExpressionAttributeValues: marshall({ ...values, ':wasAvailable': wasAvailable }),
    });
  };

  return {
    async seed(size, nameOf) {
      for (let number = 1; number <= size; number += 1) {
        const { branch, lastRequested } = nameOf(number);
        const at = lastRequested.toISOString();
        const times = { created: at, modified: at, lastRequested: at };
        const stack = { project, stackName: `test-${number}`, branch, isAvailable: true, entity: 'Stack' };
        const lastDeployedCommit = number.toString(16).padStart(40, '0');
        const item = { ...stack, ...times, lastDeployedCommit };
        await client.putItem({ TableName: tableName, Item: marshall(item) });
      }
    },

    async request(branch) {
      for (;;) {
        const available = (await readAll())
          .filter((stack) => stack.isAvailable)
          .sort((a, b) => a.lastRequested.localeCompare(b.lastRequested));
        const stack = available.find((one) => one.branch === branch) ?? available[0];
        if (stack === undefined) throw new Error('the pool is empty');
        const now = new Date().toISOString();
        try {
          await update(
            stack.stackName,
            { isAvailable: false, branch, modified: now, lastRequested: now },
            true,
          );
          return stack.stackName;
        } catch (error) {
          if (!isNamed(error, 'ConditionalCheckFailedException')) throw error;
        }
      }
    },

    async release(stackName) {
      await update(stackName, { isAvailable: true, modified: new Date().toISOString() }, false);
    },
  };
}
