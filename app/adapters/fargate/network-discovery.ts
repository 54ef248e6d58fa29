import {
  DescribeRouteTablesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  type EC2Client,
  type RouteTable,
  type Subnet,
} from '@aws-sdk/client-ec2';
import { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { ttlCache } from '../../lib/ttl-cache.ts';
import type { Clock } from '../../ports/clock.ts';
import { errorKindOf } from '../aws/aws-error-kind.ts';
import type { EcsSettings, Tag } from './fargate-settings.ts';

type Ec2 = Pick<EC2Client, 'send'>;

export interface TaskNetwork {
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  readonly assignPublicIp: 'ENABLED' | 'DISABLED';
}

export interface NetworkDiscovery {
  /** @throws BerthError `launch_failed` if no subnet or security group has the tag. */
  find(): Promise<TaskNetwork>;
  /** Drops the cached result, so that the next call discovers the network again. */
  forget(): void;
}

type NetworkSettings = Pick<
  EcsSettings,
  'region' | 'subnetIds' | 'securityGroupIds' | 'subnetTag' | 'securityGroupTag' | 'publicIp'
>;

const keepSeconds = 600;
/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html */
const maxSubnets = 16;
const maxSecurityGroups = 5;

/** Finds the subnets and security groups of the tasks by their tags, and caches them for ten minutes. */
export function createNetworkDiscovery(deps: {
  readonly ec2: Ec2;
  readonly clock: Clock;
  readonly settings: NetworkSettings;
}): NetworkDiscovery {
  const { ec2, clock, settings } = deps;
  const memory = ttlCache<TaskNetwork>(clock, keepSeconds);
  return {
    find: () => memory.get('network', () => discover(ec2, settings)),
    forget: memory.forget,
  };
}

async function discover(ec2: Ec2, settings: NetworkSettings): Promise<TaskNetwork> {
  const [subnets, securityGroups] = await Promise.all([
    settings.subnetIds === undefined ? findSubnets(ec2, settings) : namedSubnets(settings.subnetIds),
    settings.securityGroupIds ?? findSecurityGroups(ec2, settings),
  ]);
  const needsPublicIp =
    settings.publicIp === 'auto' ? await reachInternetDirectly(ec2, subnets) : settings.publicIp === 'always';
  return {
    subnets: subnets.map(({ id }) => id),
    securityGroups,
    assignPublicIp: needsPublicIp ? 'ENABLED' : 'DISABLED',
  };
}

interface FoundSubnet {
  readonly id: string;
  readonly vpcId?: string;
}

function namedSubnets(ids: readonly string[]): readonly FoundSubnet[] {
  return ids.map((id) => ({ id }));
}

async function findSubnets(ec2: Ec2, settings: NetworkSettings): Promise<readonly FoundSubnet[]> {
  const answer = await ec2.send(new DescribeSubnetsCommand({ Filters: [tagFilter(settings.subnetTag)] }));
  const found = (answer.Subnets ?? []).filter((subnet) => subnet.State !== 'pending');
  if (found.length === 0) throw nothingTagged('subnet', settings.subnetTag, settings.region, 'SUBNET_ID');
  const vpcs = new Set(found.map((subnet) => subnet.VpcId));
  if (vpcs.size > 1) {
    throw new BerthError(
      'launch_failed',
      `Subnets of several VPCs have the tag ${shown(settings.subnetTag)}: ${[...vpcs].join(', ')}.`,
      { hint: 'A task runs in one VPC: keep the tag on the subnets of one VPC, or set SUBNET_ID.' },
    );
  }
  return spreadOverZones(found)
    .slice(0, maxSubnets)
    .flatMap(({ SubnetId, VpcId }) =>
      SubnetId === undefined ? [] : [omitUndefined({ id: SubnetId, vpcId: VpcId })],
    );
}

/** Orders subnets by zone in turn: if some must be left out, every zone still has one. */
function spreadOverZones(subnets: readonly Subnet[]): readonly Subnet[] {
  const taken = new Map<string, number>();
  const ranked = subnets
    .toSorted((a, b) => (a.SubnetId ?? '').localeCompare(b.SubnetId ?? ''))
    .map((subnet) => {
      const zone = subnet.AvailabilityZone ?? '';
      const rank = taken.get(zone) ?? 0;
      taken.set(zone, rank + 1);
      return { subnet, rank };
    });
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ subnet }) => subnet);
}

async function findSecurityGroups(ec2: Ec2, settings: NetworkSettings): Promise<readonly string[]> {
  const tag = settings.securityGroupTag;
  const answer = await ec2.send(new DescribeSecurityGroupsCommand({ Filters: [tagFilter(tag)] }));
  const ids = (answer.SecurityGroups ?? []).flatMap(({ GroupId }) =>
    GroupId === undefined ? [] : [GroupId],
  );
  if (ids.length === 0) throw nothingTagged('security group', tag, settings.region, 'SECURITY_GROUP_ID');
  if (ids.length > maxSecurityGroups) {
    throw new BerthError(
      'launch_failed',
      `${ids.length} security groups have the tag ${shown(tag)}; a task can have ${maxSecurityGroups}.`,
      { hint: 'Keep the tag only on those that the tasks need, or set SECURITY_GROUP_ID.' },
    );
  }
  return ids.toSorted();
}

/**
 * Whether any of the subnets routes to an internet gateway, where a task needs a public IP. In a subnet
 * with a NAT gateway a public IP has no effect, so the mixed case needs one too.
 */
async function reachInternetDirectly(ec2: Ec2, subnets: readonly FoundSubnet[]): Promise<boolean> {
  const ids = subnets.map(({ id }) => id);
  try {
    const vpcIds = await vpcsOf(ec2, subnets);
    const filter = { Name: 'vpc-id', Values: [...vpcIds] };
    const { RouteTables: tables = [] } = await ec2.send(
      new DescribeRouteTablesCommand({ Filters: [filter] }),
    );
    return ids.some((id) => routesToInternetGateway(tableOf(id, tables)));
  } catch (error) {
    // Without permission to read routes: a public IP does no harm, and a task in a public subnet needs it.
    if (errorKindOf(error) === 'refused') return true;
    throw error;
  }
}

async function vpcsOf(ec2: Ec2, subnets: readonly FoundSubnet[]): Promise<ReadonlySet<string>> {
  const known = subnets.flatMap(({ vpcId }) => (vpcId === undefined ? [] : [vpcId]));
  if (known.length > 0) return new Set(known);
  const { Subnets: found = [] } = await ec2.send(
    new DescribeSubnetsCommand({ SubnetIds: subnets.map(({ id }) => id) }),
  );
  return new Set(found.flatMap(({ VpcId }) => (VpcId === undefined ? [] : [VpcId])));
}

/** A subnet without a route table uses the main one of its VPC. */
function tableOf(subnetId: string, tables: readonly RouteTable[]): RouteTable | undefined {
  const own = tables.find((table) => table.Associations?.some((link) => link.SubnetId === subnetId));
  return own ?? tables.find((table) => table.Associations?.some((link) => link.Main === true));
}

function routesToInternetGateway(table: RouteTable | undefined): boolean {
  return (
    table?.Routes?.some((route) => route.GatewayId?.startsWith('igw-') && route.State !== 'blackhole') ??
    false
  );
}

function tagFilter(tag: Tag): { Name: string; Values: string[] } {
  return { Name: `tag:${tag.key}`, Values: [tag.value] };
}

function shown(tag: Tag): string {
  return `${tag.key} = ${tag.value}`;
}

function nothingTagged(what: string, tag: Tag, region: string, variable: string): BerthError {
  return new BerthError('launch_failed', `No ${what} in ${region} has the tag ${shown(tag)}.`, {
    hint: `Tag the ${what}s for tasks, or set ${variable}.`,
  });
}
