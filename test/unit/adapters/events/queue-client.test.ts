import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { createQueueClient } from '../../../../app/adapters/events/queue-client.ts';

const traceVariables = {
  AWS_LAMBDA_FUNCTION_NAME: 'berth-queue',
  _X_AMZN_TRACE_ID: 'Root=1-0;Lineage=1:abc:15',
};

beforeEach(() => {
  Object.assign(process.env, traceVariables);
});
afterEach(() => {
  for (const name of Object.keys(traceVariables)) delete process.env[name];
});

async function headersOf(create: (config: ConstructorParameters<typeof SQSClient>[0] & object) => SQSClient) {
  const sent: Record<string, string>[] = [];
  const client = create({
    region: 'us-east-1',
    credentials: { accessKeyId: 'testing', secretAccessKey: 'testing' },
    maxAttempts: 1,
    requestHandler: {
      handle: async ({ headers }: { headers: Record<string, string> }) => {
        sent.push(headers);
        throw new Error('not sent');
      },
    },
  });
  const message = new SendMessageCommand({
    QueueUrl: 'https://sqs.us-east-1.amazonaws.com/1/berth',
    MessageBody: '{}',
  });
  await client.send(message).catch(() => {});
  return Object.keys(sent[0] ?? {}).map((name) => name.toLowerCase());
}

it('starts a new chain with each message, so that Lambda does not drop the steps of a long run', async () => {
  expect(await headersOf((config) => new SQSClient(config))).toContain('x-amzn-trace-id');
  const headers = await headersOf(createQueueClient);
  expect(headers).toContain('x-amz-date');
  expect(headers).not.toContain('x-amzn-trace-id');
});
