import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from '../../ports/logger.ts';

/** Messages that are being sent to a queue. */
export interface Outbox {
  /** Sends a message without waiting. A lost message only causes a delay, because the sweep finds the same work. */
  send(message: unknown): void;
  /** Sends a message whose loss matters. @returns false if the queue does not have it. */
  post(message: unknown): Promise<boolean>;
  /** Resolves when no message is being sent. A function that ends earlier is frozen with unsent messages. */
  sent(): Promise<void>;
}

export function createOutbox(deps: {
  readonly client: Pick<SQSClient, 'send'>;
  readonly queueUrl: string;
  readonly log: Logger;
}): Outbox {
  const { client, queueUrl, log } = deps;
  const underWay = new Set<Promise<boolean>>();
  const post = async (message: unknown): Promise<boolean> => {
    try {
      await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
      return true;
    } catch (err) {
      log.warn({ err }, 'a message could not be sent to the queue; the sweep will find the work');
      return false;
    }
  };
  return {
    post,
    send: (message) => {
      const posting = post(message).finally(() => underWay.delete(posting));
      underWay.add(posting);
    },
    sent: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
