import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type RouteTable,
} from '@aws-sdk/client-ec2';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { ecsDefaults } from '../../../../app/adapters/fargate/fargate-settings.ts';
import { createNetworkDiscovery } from '../../../../app/adapters/fargate/network-discovery.ts';
import { fakeClock } from '../../../helpers/memory-deps.ts';

type Settings = Parameters<typeof createNetworkDiscovery>[0]['settings'];

const igw = [{ DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1', State: 'active' as const }];
const nat = [{ DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: 'nat-1', State: 'active' as const }];
const main = (Routes: RouteTable['Routes']): RouteTable => ({ Associations: [{ Main: true }], Routes });
const of = (SubnetId: string, Routes: RouteTable['Routes']): RouteTable => ({
  Associations: [{ SubnetId }],
  Routes,
});

/** EC2 as far as discovery asks it: a VPC with two subnets and these routes. */
function ec2With(tables: readonly RouteTable[] | Error) {
  const asked: string[] = [];
  const subnets = ['subnet-a', 'subnet-b'].map((SubnetId) => ({ SubnetId, VpcId: 'vpc-1' }));
  const send = async (command: unknown): Promise<unknown> => {
    if (command instanceof DescribeSubnetsCommand) {
      asked.push('subnets');
      return { Subnets: subnets };
    }
    if (command instanceof DescribeSecurityGroupsCommand) {
      asked.push('groups');
      return { SecurityGroups: [{ GroupId: 'sg-1' }] };
    }
    if (command instanceof DescribeRouteTablesCommand) {
      asked.push('routes');
      if (tables instanceof Error) throw tables;
      return { RouteTables: [...tables] };
    }
    throw new Error('discovery asks for nothing else');
  };
  // The client's `send` has an overload for each command; discovery sends these three.
  return { ec2: { send } as unknown as Pick<EC2Client, 'send'>, asked };
}

describe('the network of tasks', () => {
  const clock = fakeClock();
  const settings: Settings = { ...ecsDefaults, region: 'eu-central-1' };
  const found = async (tables: readonly RouteTable[] | Error, change: Partial<Settings> = {}) => {
    const { ec2 } = ec2With(tables);
    return createNetworkDiscovery({ ec2, clock, settings: { ...settings, ...change } }).find();
  };

  it.each([
    ['an internet gateway by its own table', [main(nat), of('subnet-a', igw)], 'ENABLED'],
    ['an internet gateway by the main table', [main(igw)], 'ENABLED'],
    ['a NAT gateway', [main(igw), of('subnet-a', nat), of('subnet-b', nat)], 'DISABLED'],
    ['nothing', [main([])], 'DISABLED'],
    [
      'an internet gateway that is gone',
      [main([{ GatewayId: 'igw-1', State: 'blackhole' as const }])],
      'DISABLED',
    ],
  ])(
    'assigns a public IP only if a subnet needs it: egress through %s',
    async (_way, tables, assignPublicIp) => {
      expect(await found(tables)).toEqual({
        subnets: ['subnet-a', 'subnet-b'],
        securityGroups: ['sg-1'],
        assignPublicIp,
      });
    },
  );

  it('assigns one if it may not read the routes, and follows the settings', async () => {
    const forbidden = Object.assign(new Error('You are not authorized'), {
      name: 'UnauthorizedOperation',
      $metadata: { httpStatusCode: 403 },
    });
    expect((await found(forbidden)).assignPublicIp).toBe('ENABLED');
    expect((await found([main(nat)], { publicIp: 'always' })).assignPublicIp).toBe('ENABLED');
    expect((await found([main(igw)], { publicIp: 'never' })).assignPublicIp).toBe('DISABLED');
  });

  describe('is cached', () => {
    let asked: readonly string[];
    let discovery: ReturnType<typeof createNetworkDiscovery>;
    beforeEach(() => {
      const world = ec2With([main(nat)]);
      asked = world.asked;
      discovery = createNetworkDiscovery({ ec2: world.ec2, clock, settings });
    });

    it('for ten minutes, and for parallel requests', async () => {
      await Promise.all([discovery.find(), discovery.find()]);
      clock.advance(599);
      await discovery.find();
      expect(asked.toSorted()).toEqual(['groups', 'routes', 'subnets']);
      clock.advance(1);
      await discovery.find();
      expect(asked).toHaveLength(6);
    });

    it('until a launch fails because of it', async () => {
      await discovery.find();
      discovery.forget();
      await discovery.find();
      expect(asked).toHaveLength(6);
    });
  });

  it('is searched again if it was not found', async () => {
    let fails = true;
    const { ec2 } = ec2With([main(nat)]);
    const flaky = {
      send: async (command: Parameters<EC2Client['send']>[0]) => {
        if (fails) throw new Error('no answer');
        return ec2.send(command);
      },
      // As above.
    } as unknown as Pick<EC2Client, 'send'>;
    const discovery = createNetworkDiscovery({ ec2: flaky, clock, settings });
    await expect(discovery.find()).rejects.toThrow('no answer');
    fails = false;
    expect((await discovery.find()).subnets).toEqual(['subnet-a', 'subnet-b']);
  });
});
