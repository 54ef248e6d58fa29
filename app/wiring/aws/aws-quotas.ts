import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { type AwsOptions, awsClientOptions } from '../../adapters/aws/client-options.ts';
import { fargateQuotas } from '../../adapters/fargate/fargate-quotas.ts';
import type { Quotas } from '../../ports/quotas.ts';
import type { AwsConfig } from '../config/aws-config.ts';

/** A network without a way to Service Quotas must not hold up the sweep for long. */
const timeoutMs = 2_000;

/** The account's quotas for parallel Fargate tasks; Batch jobs on Fargate count there too. */
export function awsQuotas({ ecs, batch }: Pick<AwsConfig, 'ecs' | 'batch'>, options: AwsOptions): Quotas {
  const client = new ServiceQuotasClient(awsClientOptions({ ...options, timeoutMs, maxAttempts: 2 }));
  return fargateQuotas(client, (ecs?.spot ?? batch?.spot) ? 'spot' : 'onDemand');
}
