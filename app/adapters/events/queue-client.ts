import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/**
 * Creates a client for the queue through which the functions call each other.
 *
 * Lambda drops a message after about 16 hops between a queue and a function, which it counts in the trace header that the
 * SDK adds. A run has more steps than that, and each step is bounded by the run itself. So the header is left out, and
 * each message starts a new chain. https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
 */
export function createQueueClient(config: SQSClientConfig): SQSClient {
  const client = new SQSClient(config);
  client.middlewareStack.remove('recursionDetectionMiddleware');
  return client;
}
