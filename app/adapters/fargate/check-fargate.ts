import { DescribeSecurityGroupsCommand, DescribeSubnetsCommand, type EC2Client } from '@aws-sdk/client-ec2';
import { DescribeClustersCommand, type ECSClient } from '@aws-sdk/client-ecs';
import { BerthError } from '../../core/model/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { EcsSettings } from './fargate-settings.ts';
import { createNetworkDiscovery } from './network-discovery.ts';
import { describeActive } from './runner-definition.ts';

interface EcsReach {
  readonly ecs: Pick<ECSClient, 'send'>;
  readonly ec2: Pick<EC2Client, 'send'>;
  readonly settings: Omit<EcsSettings, 'installation'>;
  readonly clock: Clock;
}

/** Checks one requirement of a launch. @returns what was found. @throws an error that says what to do. */
export type Check = () => Promise<string>;

/** Checks everything that a launch on Fargate needs, item by item. Launches nothing. */
export function ecsChecks({ ecs, ec2, settings, clock }: EcsReach): Readonly<Record<string, Check>> {
  const network = createNetworkDiscovery({ ec2, clock, settings });
  return {
    async cluster() {
      const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [settings.cluster] }));
      const [found] = clusters;
      if (found?.status === 'ACTIVE') return `${found.clusterName ?? settings.cluster} is active`;
      const state = found === undefined ? 'There is no cluster' : `It is ${found.status}: the cluster`;
      throw new BerthError('launch_failed', `${state} ${settings.cluster} in ${settings.region}.`, {
        hint: 'Set ECS_CLUSTER_NAME to one that exists in this region and account.',
      });
    },

    async 'task definition'() {
      const { definition } = await describeActive(ecs, settings.taskDefinition);
      const { containerDefinitions: containers = [] } = definition;
      const name = settings.containerName;
      if (name === undefined || containers.some((container) => container.name === name))
        return `${definition.taskDefinitionArn ?? settings.taskDefinition} is active`;
      throw new BerthError('launch_failed', `${settings.taskDefinition} has no container ${name}.`, {
        hint: 'Set CONTAINER_NAME to the name of the container with the runner.',
      });
    },

    async subnets() {
      const { subnets } = await network.find();
      // Configured ones are not verified yet.
      const { Subnets: found = [] } = await ec2.send(new DescribeSubnetsCommand({ SubnetIds: [...subnets] }));
      const free = found.reduce((sum, subnet) => sum + (subnet.AvailableIpAddressCount ?? 0), 0);
      if (free > 0) return `${subnets.join(', ')}, with ${free} free addresses`;
      throw new BerthError('no_capacity', `No address is free in ${subnets.join(', ')}.`, {
        hint: 'Each task takes one: use larger subnets, or more of them.',
      });
    },

    async 'security groups'() {
      const { securityGroups } = await network.find();
      await ec2.send(new DescribeSecurityGroupsCommand({ GroupIds: [...securityGroups] }));
      return securityGroups.join(', ');
    },
  };
}
