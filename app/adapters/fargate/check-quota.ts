import type { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { BerthError } from '../../core/model/errors.ts';
import { errorKindOf } from '../aws/aws-error-kind.ts';
import { type FargateKind, readVcpus } from './fargate-quotas.ts';

const words = { onDemand: 'on demand', spot: 'on Spot' } as const;
const advice = 'Request a higher quota under Service Quotas, AWS Fargate';

/**
 * Checks how many vCPUs tasks may use in parallel, for the account and by Berth's limit.
 *
 * @param options.kinds the launch types, the first choice first.
 * @param options.limitVcpus of `BERTH_MAX_VCPUS`.
 * @returns a description of what was found.
 * @throws BerthError if the limit is above the quota of the account.
 */
export async function checkQuota(
  client: Pick<ServiceQuotasClient, 'send'>,
  options: { readonly kinds: readonly FargateKind[]; readonly limitVcpus?: number },
): Promise<string> {
  const { kinds, limitVcpus } = options;
  const limit = limitVcpus === undefined ? 'BERTH_MAX_VCPUS is not set' : `BERTH_MAX_VCPUS is ${limitVcpus}`;
  try {
    const read = await Promise.all(
      kinds.map(async (kind) => ({ kind, vcpus: await readVcpus(client, kind) })),
    );
    const known = read.flatMap(({ kind, vcpus }) => (vcpus === undefined ? [] : [{ kind, vcpus }]));
    const text = known.map(({ kind, vcpus }) => `${vcpus} vCPUs ${words[kind]}`).join(', ');
    const [first] = known;
    if (first === undefined) return `AWS reports no quota in this region; ${limit}`;
    if (first.vcpus < 0.25)
      throw new BerthError('no_capacity', `The account may not use Fargate: ${text}.`, {
        hint: `${advice}.`,
      });
    if (limitVcpus !== undefined && limitVcpus > first.vcpus) {
      throw new BerthError('no_capacity', `${limit}, and the account may use ${text} in parallel.`, {
        hint: `${advice}, or lower BERTH_MAX_VCPUS. Until then ${first.vcpus} is the limit.`,
      });
    }
    return `${text}; ${limit}`;
  } catch (error) {
    if (error instanceof BerthError || errorKindOf(error) !== 'refused') throw error;
    return `not known, because servicequotas:GetServiceQuota is not allowed here; ${limit}`;
  }
}
