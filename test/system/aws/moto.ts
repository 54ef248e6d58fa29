import { randomUUID } from 'node:crypto';
import {
  BatchClient,
  CreateComputeEnvironmentCommand,
  CreateJobQueueCommand,
  RegisterJobDefinitionCommand,
} from '@aws-sdk/client-batch';
import {
  AssociateRouteTableCommand,
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSecurityGroupCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  EC2Client,
  ModifyVpcAttributeCommand,
} from '@aws-sdk/client-ec2';
import { CreateClusterCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { type AwsOptions, awsClientOptions } from '../../../app/adapters/aws/client-options.ts';
import { type BatchSettings, batchDefaults } from '../../../app/adapters/batch/batch-settings.ts';
import { type EcsSettings, ecsDefaults } from '../../../app/adapters/fargate/fargate-settings.ts';

/** Set by `npm run test:aws`, which starts the servers. */
export const motoUrl = urlFrom('BERTH_TEST_MOTO_URL');
export const dynamoDbUrl = urlFrom('BERTH_TEST_DYNAMODB_URL');

function urlFrom(variable: string): string {
  const url = process.env[variable];
  if (url === undefined) throw new Error(`${variable} is not set: run these tests with npm run test:aws`);
  return url;
}

/**
 * Options of clients that wait little where something fails on purpose, so that tests of failures are quick. Straight
 * to the servers there are none, and a busy machine is not a failure.
 */
export function clientOptions(endpoint: string = motoUrl, change: Partial<AwsOptions> = {}) {
  return awsClientOptions({
    region: 'us-east-1',
    endpoint,
    random: Math.random,
    timeoutMs: endpoint === motoUrl || endpoint === dynamoDbUrl ? 60_000 : 2_000,
    baseDelayMs: 10,
    maxDelayMs: 100,
    ...change,
  });
}

/** A VPC with two subnets, one of them public, and a security group; all tagged for discovery. */
async function makeNetwork(tagValue: string, options: { public: boolean }) {
  const ec2 = new EC2Client(clientOptions());
  const tags = [{ Key: 'berth:network', Value: tagValue }];
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: '10.7.0.0/16' }));
  const VpcId = Vpc?.VpcId;
  // moto's RunTask answers with a 500 without it.
  await ec2.send(new ModifyVpcAttributeCommand({ VpcId, EnableDnsHostnames: { Value: true } }));
  const subnets = await Promise.all(
    ['a', 'b'].map(async (zone, index) => {
      const { Subnet } = await ec2.send(
        new CreateSubnetCommand({
          VpcId,
          CidrBlock: `10.7.${index}.0/24`,
          AvailabilityZone: `us-east-1${zone}`,
          TagSpecifications: [{ ResourceType: 'subnet', Tags: tags }],
        }),
      );
      return Subnet?.SubnetId ?? '';
    }),
  );
  const { GroupId } = await ec2.send(
    new CreateSecurityGroupCommand({
      VpcId,
      GroupName: `berth-${tagValue}`,
      Description: 'tasks',
      TagSpecifications: [{ ResourceType: 'security-group', Tags: tags }],
    }),
  );
  if (options.public) await routeToInternet(ec2, VpcId, subnets[0]);
  return { subnets, securityGroup: GroupId ?? '' };
}

async function routeToInternet(ec2: EC2Client, VpcId: string | undefined, SubnetId: string | undefined) {
  const { InternetGateway } = await ec2.send(new CreateInternetGatewayCommand({}));
  const GatewayId = InternetGateway?.InternetGatewayId;
  await ec2.send(new AttachInternetGatewayCommand({ VpcId, InternetGatewayId: GatewayId }));
  const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
  const RouteTableId = RouteTable?.RouteTableId;
  await ec2.send(new CreateRouteCommand({ RouteTableId, GatewayId, DestinationCidrBlock: '0.0.0.0/0' }));
  await ec2.send(new AssociateRouteTableCommand({ RouteTableId, SubnetId }));
}

/** A cluster, a task definition and a separate network. */
export async function makeEcs(options: { public?: boolean } = {}): Promise<EcsSettings> {
  await keepTasksRunning();
  const name = `t${randomUUID().slice(0, 8)}`;
  const ecs = new ECSClient(clientOptions());
  await ecs.send(new CreateClusterCommand({ clusterName: name }));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: name,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      containerDefinitions: [
        {
          name: 'runner',
          image: 'berth/runner:1',
          // moto's RunTask answers with a 500 without it.
          memory: 512,
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': `/berth/${name}`,
              'awslogs-region': 'us-east-1',
              'awslogs-stream-prefix': 'run',
            },
          },
        },
      ],
    }),
  );
  await makeNetwork(name, { public: options.public ?? false });
  return {
    ...ecsDefaults,
    region: 'us-east-1',
    installation: name,
    cluster: name,
    taskDefinition: name,
    subnetTag: { key: 'berth:network', value: name },
    securityGroupTag: { key: 'berth:network', value: name },
    patienceSeconds: 2,
  };
}

/** A job queue on Fargate and a separate job definition. */
export async function makeBatch(): Promise<BatchSettings> {
  await tellMoto('config', { batch: { use_docker: false } });
  const name = `t${randomUUID().slice(0, 8)}`;
  const serviceRole = await makeRole(name);
  const batch = new BatchClient(clientOptions());
  const { subnets, securityGroup } = await makeNetwork(name, { public: false });
  const { computeEnvironmentArn } = await batch.send(
    new CreateComputeEnvironmentCommand({
      computeEnvironmentName: name,
      type: 'MANAGED',
      serviceRole,
      state: 'ENABLED',
      computeResources: { type: 'FARGATE', maxvCpus: 16, subnets, securityGroupIds: [securityGroup] },
    }),
  );
  await batch.send(
    new CreateJobQueueCommand({
      jobQueueName: name,
      state: 'ENABLED',
      priority: 1,
      computeEnvironmentOrder: [{ order: 1, computeEnvironment: computeEnvironmentArn }],
    }),
  );
  await batch.send(
    new RegisterJobDefinitionCommand({
      jobDefinitionName: name,
      type: 'container',
      platformCapabilities: ['FARGATE'],
      containerProperties: {
        image: 'berth/runner:1',
        executionRoleArn: 'arn:aws:iam::123456789012:role/berth-execution',
        resourceRequirements: [
          { type: 'VCPU', value: '0.5' },
          { type: 'MEMORY', value: '1024' },
        ],
      },
    }),
  );
  return {
    ...batchDefaults,
    region: 'us-east-1',
    installation: name,
    jobQueue: name,
    jobDefinition: name,
    bucket: 'berth-reports',
  };
}

/** moto advances a task with each DescribeTasks until it finishes; AWS does not, so moto is configured to be slow about it. */
export async function keepTasksRunning(): Promise<void> {
  await keepState('ecs::task');
}

/** Keeps jobs of Batch in their first state. By default, moto runs them in Docker, or ends them immediately. */
export async function keepJobsSubmitted(): Promise<void> {
  await keepState('batch::job');
}

async function keepState(model: string): Promise<void> {
  const transition = { progression: 'manual', times: 1_000_000_000 };
  await tellMoto('state-manager/set-transition', { model_name: model, transition });
}

/** A role of Batch, without which moto makes no compute environment. One call of IAM is not worth its client. */
async function makeRole(name: string): Promise<string> {
  const scope = `Credential=testing/20260101/us-east-1/iam/aws4_request`;
  const response = await fetch(motoUrl, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 ${scope}, SignedHeaders=host, Signature=0` },
    body: new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: name,
      AssumeRolePolicyDocument: '{}',
    }),
  });
  if (!response.ok) throw new Error(`moto made no role: ${await response.text()}`);
  return `arn:aws:iam::123456789012:role/${name}`;
}

async function tellMoto(path: string, body: unknown): Promise<void> {
  const response = await fetch(`${motoUrl}/moto-api/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`moto did not take ${path}: ${response.status}`);
}
