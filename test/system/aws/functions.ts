import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { DynamoDB } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { createDynamoStore } from '../../../app/adapters/dynamodb/dynamo-store.ts';
import { eventually } from '../../helpers/eventually.ts';
import { startFaultProxy } from '../../helpers/fault-proxy.ts';
import { clientOptions, dynamoDbUrl, makeEcs, motoUrl } from './moto.ts';

/** The resources of the Terraform module, on moto and DynamoDB Local, and the environment that it gives the functions. */
export async function makeAccount(change: Record<string, string> = {}, seed = 1) {
  const name = `berth-${randomUUID().slice(0, 8)}`;
  const [proxy, database] = [
    await startFaultProxy({ target: motoUrl, seed }),
    await startFaultProxy({ target: dynamoDbUrl, seed: seed + 1 }),
  ];
  const ecs = await makeEcs();
  const direct = clientOptions();
  await new S3Client({ ...direct, forcePathStyle: true }).send(new CreateBucketCommand({ Bucket: name }));
  const sqs = new SQSClient(direct);
  const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
  await createDynamoStore({ client: new DynamoDB(clientOptions(dynamoDbUrl)), tableName: name }).prepare();
  const environment: Record<string, string> = {
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ENDPOINT_URL_DYNAMODB: database.url,
    BERTH_PUBLIC_URL: 'https://berth.example',
    BERTH_TABLE: name,
    BERTH_BUCKET: name,
    BERTH_QUEUE_URL: QueueUrl.replace(motoUrl, proxy.url),
    BERTH_LOG_LEVEL: 'error',
    ECS_CLUSTER_NAME: ecs.cluster,
    ECS_TASK_DEFINITION_ARN: ecs.taskDefinition,
    CONTAINER_NAME: 'runner',
    BERTH_LOG_GROUP: `/berth/${ecs.cluster}`,
    BERTH_LOG_STREAM_PREFIX: 'run',
    BERTH_SUBNET_TAG: `berth:network=${ecs.subnetTag.value}`,
    BERTH_SECURITY_GROUP_TAG: `berth:network=${ecs.securityGroupTag.value}`,
    BERTH_UNTRUSTED_TASK_ROLE_ARN: 'arn:aws:iam::123456789012:role/berth-nobody',
    ...change,
  };
  return {
    name,
    ecs,
    proxy,
    database,
    environment,
    /** Without failures in between. */
    queueUrl: QueueUrl,
    addSecret: (id: string, value: object) =>
      new SecretsManagerClient(direct).send(
        new CreateSecretCommand({ Name: id, SecretString: JSON.stringify(value) }),
      ),
    ...queueAt(sqs, QueueUrl),
    close: async () => {
      await proxy.close();
      await database.close();
    },
  };
}

/** The queue as Lambda and EventBridge have it. */
export function queueAt(sqs: SQSClient, QueueUrl: string) {
  return {
    send: async (body: object): Promise<void> => {
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(body) }));
    },
    receive: async () => {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 2 }),
      );
      return Messages;
    },
    remove: (ReceiptHandle: string | undefined) =>
      sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle })),
  };
}
export type Account = Awaited<ReturnType<typeof makeAccount>>;

type QueueHandler = typeof import('../../../app/lambda/queue.ts').handler;

/** Lambda's poller of the queue: what the function says has failed comes again, the rest is deleted. */
export function startPoller(
  account: Pick<Account, 'receive' | 'remove'>,
  handle: QueueHandler,
  meanwhile: () => Promise<void>,
) {
  let stopped = false;
  let rounds = 0;
  const pollOnce = async (): Promise<void> => {
    const messages = await account.receive();
    const Records = messages.map(({ MessageId = '', Body = '' }) => ({ messageId: MessageId, body: Body }));
    if (Records.length > 0) {
      const { batchItemFailures } = await handle({ Records });
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      await Promise.all(
        messages
          .filter(({ MessageId = '' }) => !failed.has(MessageId))
          .map(({ ReceiptHandle }) => account.remove(ReceiptHandle)),
      );
    }
    await meanwhile();
    rounds += 1;
  };
  const poll = async (): Promise<void> => {
    while (!stopped) {
      // Lambda's poller outlives an error of the queue, and so does this one when moto fails.
      await pollOnce().catch((error: unknown) =>
        process.stderr.write(`The poller failed: ${String(error)}\n`),
      );
      await delay(20);
    }
  };
  const polling = poll();
  return {
    /** Resolves when what is being handled now has ended. */
    idle: async () => {
      const before = rounds;
      await eventually('the queue to be polled again', async () => rounds > before);
    },
    stop: async () => {
      stopped = true;
      await polling;
    },
  };
}
