import { beforeAll, describe, expect, it } from '@jest/globals';
import { type AppliedResources, appliedExample } from './applied.ts';
import { describePullRequest } from './pull-request-flow.ts';

describe('examples/minimal, applied', () => {
  const secret = 'berth/github-app-of-minimal';
  const example = appliedExample('minimal', {
    project: 'berth-minimal',
    github_app_secret: `secretsmanager:${secret}`,
    deletion_protection: 'false',
  });
  let resources: AppliedResources;
  beforeAll(async () => {
    await example.apply();
    resources = await example.resources();
  });

  it('is what it says: a second plan changes nothing', async () => {
    expect(await example.planNothing()).toContain('No changes.');
  });

  it('has nothing that costs while nothing runs but its alarms', () => {
    const types = [...resources.keys()].map((address) => address.split('.').at(-2));
    for (const costly of ['aws_nat_gateway', 'aws_eip', 'aws_kms_key', 'aws_cloudwatch_dashboard'])
      expect(types).not.toContain(costly);
    const endpoints = [...resources].filter(([address]) => address.includes('.aws_vpc_endpoint.'));
    expect(endpoints.map(([, { vpc_endpoint_type }]) => vpc_endpoint_type)).toEqual(['Gateway', 'Gateway']);
    const alarms = types.filter((type) => type === 'aws_cloudwatch_metric_alarm');
    expect(alarms.length * 0.1).toBeLessThan(1);
  });

  describePullRequest({ secret, resources: () => resources, sources: 'git', encryption: 'AES256' });
});
