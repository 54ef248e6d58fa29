import { expect, it } from '@jest/globals';
import { describeApplied } from './describe-applied.ts';
import { describeRoles } from './describe-roles.ts';
import { describePullRequest } from './pull-request-flow.ts';

describeApplied({ example: 'minimal', project: 'berth-minimal' }, ({ secret, resources }) => {
  it('costs only its alarms while no test runs', () => {
    const types = [...resources().keys()].map((address) => address.split('.').at(-2));
    for (const costly of ['aws_nat_gateway', 'aws_eip', 'aws_kms_key', 'aws_cloudwatch_dashboard'])
      expect(types).not.toContain(costly);
    const endpoints = [...resources()].filter(([address]) => address.includes('.aws_vpc_endpoint.'));
    expect(endpoints.map(([, { vpc_endpoint_type }]) => vpc_endpoint_type)).toEqual(['Gateway', 'Gateway']);
    const alarms = types.filter((type) => type === 'aws_cloudwatch_metric_alarm');
    expect(alarms.length * 0.1).toBeLessThan(1);
  });

  describePullRequest({ secret, resources, sources: 'git', encryption: 'AES256' });
  describeRoles(resources);
});
