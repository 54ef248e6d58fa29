import {
  GetAWSDefaultServiceQuotaCommand,
  GetServiceQuotaCommand,
  type ServiceQuotasClient,
} from '@aws-sdk/client-service-quotas';
import type { Quotas } from '../../ports/quotas.ts';
import { errorKindOf, isAwsError } from '../aws/aws-error-kind.ts';

const ServiceCode = 'fargate';
/** In vCPUs, in one region: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const quotaCodes = { onDemand: 'L-3032A538', spot: 'L-36FBB829' } as const;
export type FargateKind = keyof typeof quotaCodes;

type Client = Pick<ServiceQuotasClient, 'send'>;

/**
 * {@link Quotas} from Service Quotas.
 *
 * @param kind the first choice for tasks. If there is no quota for Spot, the other one is not read.
 */
export function fargateQuotas(client: Client, kind: FargateKind): Quotas {
  return {
    async taskCpuUnits() {
      try {
        const vcpus = await readVcpus(client, kind);
        return vcpus === undefined ? undefined : vcpus * 1024;
      } catch (error) {
        if (errorKindOf(error) === 'refused') return undefined;
        throw error;
      }
    },
  };
}

/** Reads how many vCPUs the account may use in parallel in this region; undefined if AWS has no such quota there. */
export async function readVcpus(client: Client, kind: FargateKind): Promise<number | undefined> {
  const question = { ServiceCode, QuotaCode: quotaCodes[kind] };
  try {
    const { Quota } = await client.send(new GetServiceQuotaCommand(question));
    if (Quota?.Value !== undefined) return Quota.Value;
  } catch (error) {
    // An account without an applied value: https://github.com/aws/aws-cli/issues/8584
    if (!isAwsError(error, 'NoSuchResourceException')) throw error;
  }
  try {
    const { Quota } = await client.send(new GetAWSDefaultServiceQuotaCommand(question));
    return Quota?.Value;
  } catch (error) {
    if (isAwsError(error, 'NoSuchResourceException')) return undefined;
    throw error;
  }
}
