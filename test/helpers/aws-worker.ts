import { setTimeout as delay } from 'node:timers/promises';
import { SQSClient } from '@aws-sdk/client-sqs';
import { handler as takeMessages } from '../../app/lambda/queue.ts';
import { handler as onSchedule } from '../../app/lambda/schedule.ts';
import { queueAt, startPoller } from '../system/aws/functions.ts';
import { clientOptions } from '../system/aws/moto.ts';

/**
 * Runs Berth's functions on AWS as a separate process, which tests kill: the poller of the queue at `QUEUE_URL`, and the
 * schedule every second.
 */
const queue = queueAt(new SQSClient(clientOptions()), process.env.QUEUE_URL ?? '');
startPoller(queue, takeMessages, async () => {});
for (;;) {
  await onSchedule({ task: 'sweep' }).catch(() => {});
  await delay(1000);
}
