import { ServiceQuotasClient } from '@aws-sdk/client-service-quotas';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { awsClientOptions } from '../../../../app/adapters/aws/client-options.ts';
import { checkQuota } from '../../../../app/adapters/fargate/check-quota.ts';
import { fargateQuotas } from '../../../../app/adapters/fargate/fargate-quotas.ts';
import { runCheck } from '../../../../app/wiring/run-check.ts';

const onDemand = 'L-3032A538';
const spot = 'L-36FBB829';

/** Documented at https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html */
function answers(operation: string, QuotaCode: string, status: number, body: unknown): void {
  nock('https://servicequotas.eu-central-1.amazonaws.com', {
    reqheaders: { 'x-amz-target': `ServiceQuotasV20190624.${operation}` },
  })
    .post('/', { ServiceCode: 'fargate', QuotaCode })
    .reply(status, JSON.stringify(body), { 'content-type': 'application/x-amz-json-1.1' });
}
const hasApplied = (code: string, Value: number): void =>
  answers('GetServiceQuota', code, 200, { Quota: { ServiceCode: 'fargate', QuotaCode: code, Value } });
const refuses = (operation: string, code: string, type: string): void =>
  answers(operation, code, 400, { __type: type, Message: 'said by AWS' });

// Jest's workers share Node's own modules: left patched, they would disturb the test files that follow.
afterAll(() => nock.restore());

describe('the Fargate quota', () => {
  const client = new ServiceQuotasClient({
    ...awsClientOptions({ region: 'eu-central-1', random: () => 0, maxAttempts: 2 }),
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'secret' },
  });
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    expect(nock.pendingMocks()).toEqual([]);
    nock.cleanAll();
    nock.enableNetConnect();
  });

  it("is the account's value, in CPU units", async () => {
    hasApplied(onDemand, 6);
    expect(await fargateQuotas(client, 'onDemand').taskCpuUnits()).toBe(6 * 1024);
  });

  it("is AWS's default for an account without its own value", async () => {
    refuses('GetServiceQuota', spot, 'NoSuchResourceException');
    answers('GetAWSDefaultServiceQuota', spot, 200, { Quota: { QuotaCode: spot, Value: 4000 } });
    expect(await fargateQuotas(client, 'spot').taskCpuUnits()).toBe(4000 * 1024);
  });

  it('is unknown if Berth may not read it, or the region has none', async () => {
    refuses('GetServiceQuota', onDemand, 'AccessDeniedException');
    expect(await fargateQuotas(client, 'onDemand').taskCpuUnits()).toBeUndefined();
    refuses('GetServiceQuota', onDemand, 'NoSuchResourceException');
    refuses('GetAWSDefaultServiceQuota', onDemand, 'NoSuchResourceException');
    expect(await fargateQuotas(client, 'onDemand').taskCpuUnits()).toBeUndefined();
  });

  it('is queried again if AWS throttles, and is an error if AWS keeps throttling', async () => {
    refuses('GetServiceQuota', onDemand, 'TooManyRequestsException');
    hasApplied(onDemand, 8);
    expect(await fargateQuotas(client, 'onDemand').taskCpuUnits()).toBe(8 * 1024);
    answers('GetServiceQuota', onDemand, 500, { __type: 'ServiceException' });
    answers('GetServiceQuota', onDemand, 500, { __type: 'ServiceException' });
    await expect(fargateQuotas(client, 'onDemand').taskCpuUnits()).rejects.toThrow();
  });

  describe('in berth doctor', () => {
    const told = (limitVcpus?: number) =>
      runCheck('quota', () =>
        checkQuota(client, { kinds: ['onDemand'], ...(limitVcpus === undefined ? {} : { limitVcpus }) }),
      );

    it('appears with the configured limit', async () => {
      hasApplied(onDemand, 100);
      expect(await told(64)).toMatchObject({
        isWell: true,
        seen: '100 vCPUs on demand; BERTH_MAX_VCPUS is 64',
      });
      hasApplied(onDemand, 100);
      expect(await told()).toMatchObject({
        isWell: true,
        seen: '100 vCPUs on demand; BERTH_MAX_VCPUS is not set',
      });
    });

    it('fails if the limit exceeds it', async () => {
      hasApplied(onDemand, 6);
      expect(await told(64)).toMatchObject({
        isWell: false,
        seen: 'BERTH_MAX_VCPUS is 64, and the account may use 6 vCPUs on demand in parallel.',
        advice: expect.stringContaining('Until then 6 is the limit.'),
      });
      hasApplied(onDemand, 0);
      expect(await told()).toMatchObject({
        isWell: false,
        seen: expect.stringContaining('may not use Fargate'),
      });
    });

    it('appears for both types if Spot is first, and the Spot quota counts', async () => {
      hasApplied(spot, 6);
      hasApplied(onDemand, 400);
      const seen = checkQuota(client, { kinds: ['spot', 'onDemand'], limitVcpus: 10 });
      await expect(seen).rejects.toThrow(
        'the account may use 6 vCPUs on Spot, 400 vCPUs on demand in parallel',
      );
    });

    it('is reported as unknown if it may not be read', async () => {
      refuses('GetServiceQuota', onDemand, 'AccessDeniedException');
      expect(await told(10)).toMatchObject({
        isWell: true,
        seen: 'not known, because servicequotas:GetServiceQuota is not allowed here; BERTH_MAX_VCPUS is 10',
      });
    });
  });
});
