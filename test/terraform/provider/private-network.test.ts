import { beforeAll, describe, expect, it } from '@jest/globals';
import { type AppliedResources, appliedExample } from './applied.ts';
import { describePullRequest } from './pull-request-flow.ts';

describe('examples/private-network, applied', () => {
  const secret = 'berth/github-app-of-private-network';
  const example = appliedExample('private-network', {
    project: 'berth-private',
    github_app_secret: `secretsmanager:${secret}`,
    deletion_protection: 'false',
  });
  let resources: AppliedResources;
  beforeAll(async () => {
    await example.apply();
    resources = await example.resources();
  });
  const ofType = (type: string): Record<string, unknown>[] =>
    [...resources].flatMap(([address, values]) => (address.includes(`.${type}.`) ? [values] : []));

  it('is what it says: a second plan changes nothing', async () => {
    expect(await example.planNothing()).toContain('No changes.');
  });

  it('has no way out: no gateway to the internet, no route to one, no rule that lets a task reach any address', () => {
    for (const type of [
      'aws_internet_gateway',
      'aws_nat_gateway',
      'aws_egress_only_internet_gateway',
      'aws_route',
    ])
      expect(ofType(type)).toEqual([]);
    const [runner] = ofType('aws_security_group').filter(({ name }) => name === 'berth-private-runner');
    const rules = ofType('aws_vpc_security_group_egress_rule').filter(
      (rule) => rule.security_group_id === runner?.id,
    );
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter(({ cidr_ipv4, cidr_ipv6 }) => Boolean(cidr_ipv4) || Boolean(cidr_ipv6))).toEqual([]);
  });

  it('reaches what a task needs by endpoints', () => {
    const services = ofType('aws_vpc_endpoint').map(({ service_name }) =>
      String(service_name).replace('com.amazonaws.us-east-1.', ''),
    );
    expect(services.sort()).toEqual(['dynamodb', 'ecr.api', 'ecr.dkr', 'logs', 's3']);
  });

  describePullRequest({ secret, resources: () => resources, sources: 'archive', encryption: 'aws:kms' });
});
