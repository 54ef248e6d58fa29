import { setTimeout } from 'node:timers/promises';
import { BatchClient } from '@aws-sdk/client-batch';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { routingExecutor } from '../../adapters/aws/routing-executor.ts';
import { createBatchExecutor } from '../../adapters/batch/batch-executor.ts';
import { createEcsExecutor } from '../../adapters/fargate/fargate-executor.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import type { Executor } from '../../ports/executor.ts';
import type { AwsConfig } from '../config/aws-config.ts';

/** Creates the executor: Fargate, Batch, or Batch for event-driven runs and Fargate for all others. */
export function awsExecutor({ ecs, batch }: Pick<AwsConfig, 'ecs' | 'batch'>, options: AwsOptions): Executor {
  const common = awsClientOptions(options);
  const clock = systemClock;
  const fargate =
    ecs &&
    createEcsExecutor({
      ecs: new ECSClient(common),
      ec2: new EC2Client(common),
      settings: ecs,
      clock,
      random: options.random,
      sleep: setTimeout,
    });
  const onBatch =
    batch &&
    createBatchExecutor({
      batch: new BatchClient(common),
      submitting: new BatchClient(awsClientOptions({ ...options, retryUnknown: false })),
      settings: batch,
      clock,
    });
  if (fargate !== undefined && onBatch !== undefined) return routingExecutor({ fargate, batch: onBatch });
  const only = fargate ?? onBatch;
  if (only === undefined) throw new Error('the configuration names neither ECS nor Batch');
  return only;
}
