import { expect, it } from '@jest/globals';
import { describeApplied } from './describe-applied.ts';
import { describeRoles } from './describe-roles.ts';
import { describePullRequest, inSecretsManager } from './pull-request-flow.ts';
import { blocksBelow, typeIn } from './typed-commands.ts';

const [commands = ''] = blocksBelow('terraform/examples/private-network/README.md', '# private-network');

// Other installations of the account use the default tag.
const override = `module "berth" {
  discover_network = true
  network_tag      = { key = "berth:network", value = "private" }
}
`;

describeApplied(
  {
    example: 'private-network',
    project: 'berth-private',
    type: (folder, shell) => typeIn(folder, commands, shell),
    override,
  },
  ({ secret, resources, ofType }) => {
    it('has no gateway or route to the internet, and no rule that allows every address', () => {
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
      expect(rules.filter(({ cidr_ipv4, cidr_ipv6 }) => Boolean(cidr_ipv4) || Boolean(cidr_ipv6))).toEqual(
        [],
      );
    });

    it('has an endpoint for each service that a task needs', () => {
      const services = ofType('aws_vpc_endpoint').map(({ service_name }) =>
        String(service_name).replace('com.amazonaws.us-east-1.', ''),
      );
      expect(services.sort()).toEqual(['dynamodb', 'ecr.api', 'ecr.dkr', 'execute-api', 'logs', 's3']);
    });

    describePullRequest({
      resources,
      sources: 'archive',
      encryption: 'aws:kms',
      connect: inSecretsManager(secret),
    });
    describeRoles(resources, {
      called: [
        'ec2:DescribeRouteTables',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'kms:Decrypt',
        'kms:GenerateDataKey',
        'secretsmanager:GetSecretValue',
      ],
      notCalled: ['ssm:GetParameters'],
    });
  },
);
