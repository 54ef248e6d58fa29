import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import nock from 'nock';
import { awsClientOptions } from '../../../../app/adapters/aws/client-options.ts';
import { ecsChecks } from '../../../../app/adapters/fargate/check-fargate.ts';
import { systemClock } from '../../../../app/adapters/system/system-clock.ts';
import type { Finding } from '../../../../app/core/model/app-check.ts';
import { runCheck } from '../../../../app/wiring/run-check.ts';
import { ecsAnswers, settings } from './recorded-ecs.ts';

const credentials = { accessKeyId: 'AKID', secretAccessKey: 'secret' };
const definition = {
  taskDefinitionArn: 'arn:aws:ecs:eu-central-1:123456789012:task-definition/berth-runner:3',
  status: 'ACTIVE',
  containerDefinitions: [{ name: 'runner' }],
};

function ec2Answers(action: string, status: number, body: string): void {
  nock('https://ec2.eu-central-1.amazonaws.com')
    .post('/', (asked: Record<string, string>) => asked.Action === action)
    .reply(status, `<?xml version="1.0"?>${body}`);
}
const subnets = (free: number): string =>
  `<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId><availableIpAddressCount>${free}</availableIpAddressCount></item></subnetSet></DescribeSubnetsResponse>`;
const groups = '<DescribeSecurityGroupsResponse><securityGroupInfo/></DescribeSecurityGroupsResponse>';

async function examined(): Promise<Record<string, Finding>> {
  const options = { ...awsClientOptions({ region: settings.region, random: () => 0 }), credentials };
  const looks = ecsChecks({
    ecs: new ECSClient(options),
    ec2: new EC2Client(options),
    settings,
    clock: systemClock,
  });
  const found: Record<string, Finding> = {};
  for (const [subject, look] of Object.entries(looks)) found[subject] = await runCheck(subject, look);
  return found;
}

describe('the requirements of a Fargate launch', () => {
  beforeEach(() => nock.disableNetConnect());
  afterEach(() => {
    nock.cleanAll();
    nock.enableNetConnect();
  });

  it('pass if cluster, task definition, subnets, and security groups exist', async () => {
    ecsAnswers('DescribeClusters', 200, { clusters: [{ clusterName: 'berth', status: 'ACTIVE' }] });
    ecsAnswers('DescribeTaskDefinition', 200, { taskDefinition: definition });
    ec2Answers('DescribeSubnets', 200, subnets(251));
    ec2Answers('DescribeSecurityGroups', 200, groups);
    expect(await examined()).toEqual({
      cluster: { subject: 'cluster', isWell: true, seen: 'berth is active' },
      'task definition': {
        subject: 'task definition',
        isWell: true,
        seen: `${definition.taskDefinitionArn} is active`,
      },
      subnets: { subject: 'subnets', isWell: true, seen: 'subnet-1, subnet-2, with 251 free addresses' },
      'security groups': { subject: 'security groups', isWell: true, seen: 'sg-1' },
    });
  });

  it('fail with the name of each problem and what to do', async () => {
    ecsAnswers('DescribeClusters', 200, { clusters: [], failures: [{ reason: 'MISSING' }] });
    ecsAnswers('DescribeTaskDefinition', 400, {
      __type: 'ClientException',
      message: 'Unable to describe task definition.',
    });
    ec2Answers('DescribeSubnets', 200, subnets(0));
    const gone =
      '<Response><Errors><Error><Code>InvalidGroup.NotFound</Code><Message>The security group sg-1 does not exist</Message></Error></Errors></Response>';
    ec2Answers('DescribeSecurityGroups', 400, gone);
    const found = await examined();
    expect(Object.values(found).map(({ seen }) => seen)).toEqual([
      'There is no cluster berth in eu-central-1.',
      'There is no task definition berth-runner, or it is not active.',
      'No address is free in subnet-1, subnet-2.',
      'The security group sg-1 does not exist',
    ]);
    expect(Object.values(found).every(({ isWell, advice }) => !isWell && (advice ?? '') !== '')).toBe(true);
  });
});
