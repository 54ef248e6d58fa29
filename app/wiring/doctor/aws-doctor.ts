import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { awsClientOptions } from '../../adapters/aws/client-options.ts';
import { ecsChecks } from '../../adapters/fargate/check-fargate.ts';
import { checkQuota } from '../../adapters/fargate/check-quota.ts';
import { systemClock } from '../../adapters/system/system-clock.ts';
import { systemIds } from '../../adapters/system/system-ids.ts';
import type { Finding } from '../../core/model/app-check.ts';
import { type AwsConfig, parseAwsConfig } from '../config/aws-config.ts';
import type { ServerAws } from '../config/server-aws.ts';
import { runCheck } from '../run-check.ts';

/** Checks what launching tasks on AWS depends on, without launching one: `berth doctor --aws`. */
export async function checkAws(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  let config: AwsConfig | undefined;
  const read = await runCheck('configuration', async () => {
    config = parseAwsConfig(environment);
    return 'no mistakes';
  });
  return config === undefined ? [read] : [read, ...(await checkTasksOnAws(config))];
}

/** Checks what launching tasks on Fargate depends on: cluster, task definition, network, and quota. */
export async function checkTasksOnAws({
  ecs,
  maxTaskCpuUnits: limit,
}: Pick<ServerAws, 'ecs' | 'maxTaskCpuUnits'>): Promise<readonly Finding[]> {
  if (ecs === undefined) return [];
  const options = awsClientOptions({ region: ecs.region, random: systemIds.random });
  const checks = ecsChecks({
    ecs: new ECSClient(options),
    ec2: new EC2Client(options),
    settings: ecs,
    clock: systemClock,
  });
  const seen = await Promise.all(Object.entries(checks).map(([subject, look]) => runCheck(subject, look)));
  const quota = await runCheck('quota', () =>
    checkQuota(new ServiceQuotasClient(options), {
      kinds: ecs.spot ? ['spot', 'onDemand'] : ['onDemand'],
      ...(limit === undefined ? {} : { limitVcpus: limit / 1024 }),
    }),
  );
  return [...seen, quota];
}
