import {
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { expect, it } from '@jest/globals';
import { clientOptions } from '../../aws/moto.ts';
import { environmentOf } from './applied.ts';
import { describeApplied } from './describe-applied.ts';
import { blocksBelow, typeIn } from './typed-commands.ts';

const ec2 = new EC2Client(clientOptions());
let shell: Readonly<Record<string, string>> = {};
let vpcId: string | undefined;
const subnetIds: string[] = [];

/** Creates a VPC with the tags of the example. One of its subnets is not for tasks. */
async function makeVpc(): Promise<undefined> {
  const tagged = (ResourceType: 'vpc' | 'subnet', Key: string, Value: string) => ({
    TagSpecifications: [{ ResourceType, Tags: [{ Key, Value }] }],
  });
  const { Vpc } = await ec2.send(
    new CreateVpcCommand({ CidrBlock: '10.77.0.0/16', ...tagged('vpc', 'Name', 'main') }),
  );
  vpcId = Vpc?.VpcId;
  for (const [index, tier] of ['private', 'private', 'public'].entries()) {
    const { Subnet } = await ec2.send(
      new CreateSubnetCommand({
        VpcId: vpcId,
        CidrBlock: `10.77.${index}.0/24`,
        AvailabilityZone: `us-east-1${'ab'.charAt(index % 2)}`,
        ...tagged('subnet', 'tier', tier),
      }),
    );
    if (tier === 'private') subnetIds.push(Subnet?.SubnetId ?? '');
  }
}

const [commands = ''] = blocksBelow('terraform/examples/existing-vpc/README.md', '# existing-vpc');

describeApplied(
  {
    example: 'existing-vpc',
    project: 'berth-existing',
    before: makeVpc,
    type: (folder, variables) => {
      shell = variables;
      return typeIn(folder, commands, shell);
    },
  },
  ({ resources, refresh, ofType }) => {
    it('creates only a security group, in the VPC with the tags', () => {
      const made = [...resources().keys()].filter((address) =>
        /\.aws_(vpc|subnet|route|route_table|internet_gateway|nat_gateway|eip|vpc_endpoint)\./.test(address),
      );
      expect(made.filter((address) => !address.includes('.data.'))).toEqual([]);
      expect(ofType('aws_security_group')).toEqual([expect.objectContaining({ vpc_id: vpcId })]);
    });

    it('runs tasks only in the private subnets, on Spot first', () => {
      const { SUBNET_ID = '', SECURITY_GROUP_ID, BERTH_SPOT } = environmentOf(resources(), 'queue');
      expect(SUBNET_ID.split(',').sort()).toEqual([...subnetIds].sort());
      expect(SECURITY_GROUP_ID).toBe(ofType('aws_security_group')[0]?.id);
      expect(BERTH_SPOT).toBe('true');
    });

    it('leaves the VPC and its subnets unchanged', async () => {
      const [{ Vpcs: vpcs = [] }, { Subnets: subnets = [] }] = await Promise.all([
        ec2.send(new DescribeVpcsCommand({ VpcIds: [vpcId ?? ''] })),
        ec2.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId ?? ''] }] })),
      ]);
      expect(vpcs.map(({ Tags }) => Tags)).toEqual([[{ Key: 'Name', Value: 'main' }]]);
      expect(subnets.map(({ Tags }) => Tags?.map(({ Key }) => Key))).toEqual([['tier'], ['tier'], ['tier']]);
    });

    it('is deleted with the commands of the document, with what is in its bucket', async () => {
      const Bucket = String(ofType('aws_s3_bucket')[0]?.bucket);
      const s3 = new S3Client({ ...clientOptions(), forcePathStyle: true });
      for (const Body of ['one', 'two']) await s3.send(new PutObjectCommand({ Bucket, Key: 'runs/1', Body }));
      const app = { Name: '/berth/github-app', Value: '{}', Type: 'SecureString', Overwrite: true } as const;
      await new SSMClient(clientOptions()).send(new PutParameterCommand(app));

      const [uninstall = ''] = blocksBelow('terraform/README.md', '## Uninstall');
      const typed = uninstall.replaceAll('examples/minimal', 'examples/existing-vpc');
      // A command that does not name its region finds nothing in another one.
      expect(await typeIn('.', typed, { ...shell, AWS_DEFAULT_REGION: 'eu-west-3' })).toContain(
        'Destroy complete!',
      );
      await refresh();
      expect([...resources().keys()]).toEqual([]);
    });
  },
);
