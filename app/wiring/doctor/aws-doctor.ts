import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { awsClientOptions } from './adapters/aws/client-options.ts';
import { ecsLooks } from './adapters/ecs/examine-ecs.ts';
import { examineQuota } from './adapters/service-quotas/examine-quota.ts';
import { systemClock } from './adapters/system/system-clock.ts';
import { systemIds } from './adapters/system/system-ids.ts';
import { type AwsConfig, parseAwsConfig } from './aws-config.ts';
import type { Finding } from './domain/doctor.ts';
import { findingOf } from './finding-of.ts';

/** Looks at what launching tasks on AWS depends on, and launches none: `berth doctor --aws`. */
export async function examineAws(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<readonly Finding[]> {
  let config: AwsConfig | undefined;
  const read = await findingOf('configuration', async () => {
    config = parseAwsConfig(environment);
    return 'no mistakes';
  });
  const ecs = config?.ecs;
  if (ecs === undefined) return [read];
  const options = awsClientOptions({ region: ecs.region, chance: systemIds.chance });
  const looks = ecsLooks({
    ecs: new ECSClient(options),
    ec2: new EC2Client(options),
    settings: ecs,
    clock: systemClock,
  });
  const seen = await Promise.all(Object.entries(looks).map(([subject, look]) => findingOf(subject, look)));
  const limit = config?.maxTaskCpuUnits;
  const quota = await findingOf('quota', () =>
    examineQuota(new ServiceQuotasClient(options), {
      kinds: ecs.spot ? ['spot', 'onDemand'] : ['onDemand'],
      ...(limit === undefined ? {} : { limitVcpus: limit / 1024 }),
    }),
  );
  return [read, ...seen, quota];
}
