import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { BerthError } from '../../../app/core/model/errors.ts';
import { awsEnvironmentSchema, parseAwsConfig } from '../../../app/wiring/config/aws-config.ts';

const environment = {
  AWS_REGION: 'eu-central-1',
  BERTH_PUBLIC_URL: 'https://berth.example/',
  BERTH_TABLE: 'berth',
  BERTH_BUCKET: 'berth-objects',
  BERTH_QUEUE_URL: 'https://sqs.eu-central-1.amazonaws.com/1/berth',
  ECS_CLUSTER_NAME: 'berth',
  ECS_TASK_DEFINITION_ARN: 'berth-runner',
};

const mistakesIn = (change: Record<string, string>): readonly string[] => {
  try {
    parseAwsConfig({ ...environment, ...change });
    return [];
  } catch (error) {
    return error instanceof BerthError ? (error.details ?? []).map(({ path }) => path) : ['not a BerthError'];
  }
};

describe('the environment of the functions', () => {
  it('needs only what Terraform creates', () => {
    const config = parseAwsConfig(environment);
    expect(config).toMatchObject({
      publicUrl: 'https://berth.example',
      eventBus: 'default',
      oidc: { audience: 'https://berth.example' },
      ecs: {
        cluster: 'berth',
        spot: false,
        publicIp: 'auto',
        subnetTag: { key: 'berth:network', value: 'runner' },
        securityGroupTag: { key: 'berth:network', value: 'runner' },
      },
    });
    expect(config.batch).toBeUndefined();
  });

  it('can name the network, tags, and images', () => {
    const { ecs } = parseAwsConfig({
      ...environment,
      SUBNET_ID: 'subnet-1, subnet-2',
      SECURITY_GROUP_ID: 'sg-1',
      BERTH_SUBNET_TAG: 'team=tests',
      BERTH_TASK_DEFINITIONS: 'berth-node,berth-python',
      BERTH_SPOT: 'true',
    });
    expect(ecs).toMatchObject({
      subnetIds: ['subnet-1', 'subnet-2'],
      securityGroupIds: ['sg-1'],
      subnetTag: { key: 'team', value: 'tests' },
      offeredTaskDefinitions: ['berth-node', 'berth-python'],
      spot: true,
    });
  });

  it('says what is missing in plain words', () => {
    expect(() => parseAwsConfig({ ...environment, BERTH_TABLE: undefined })).toThrow(
      'BERTH_TABLE: is missing',
    );
  });

  it('reports all mistakes together, without values', () => {
    const change = { BERTH_PUBLIC_URL: 'hush', BERTH_SPOT: 'perhaps', BERTH_QUEUE_URL: '' };
    expect(mistakesIn(change)).toEqual(['BERTH_PUBLIC_URL', 'BERTH_QUEUE_URL', 'BERTH_SPOT']);
    expect(() => parseAwsConfig({ ...environment, ...change })).not.toThrow(/hush|perhaps/);
  });

  it.each([
    [{ ECS_TASK_DEFINITION_ARN: '' }, 'ECS_TASK_DEFINITION_ARN'],
    [{ BERTH_BATCH_JOB_QUEUE: 'q' }, 'BERTH_BATCH_JOB_DEFINITION'],
    [{ BERTH_WEBHOOK_URL: 'https://listen.example' }, 'BERTH_WEBHOOK_SECRET'],
    [{ BERTH_LOG_GROUP: '/berth' }, 'BERTH_LOG_STREAM_PREFIX'],
    [{ ECS_CLUSTER_NAME: '', ECS_TASK_DEFINITION_ARN: '' }, 'ECS_CLUSTER_NAME'],
  ])('%j lacks %s', (change, missing) => {
    expect(mistakesIn(change)).toEqual([missing]);
  });
});

describe('docs/configuration-aws.md', () => {
  const text = readFileSync('docs/configuration-aws.md', 'utf8');
  const rows = new Map(
    [...text.matchAll(/^\| `([A-Z_]+)` \| ([^|]*) \| ([^|]*) \|$/gm)].map(([, name, value, what]) => [
      name,
      { value, what },
    ]),
  );

  it('lists every variable with its default and its description, and no other', () => {
    const { properties } = z.toJSONSchema(awsEnvironmentSchema, { io: 'input', unrepresentable: 'any' });
    const expected = Object.entries(properties ?? {}).map(([name, property]) => {
      const { default: value, description } = z
        .object({ default: z.unknown().optional(), description: z.string() })
        .parse(property);
      return [name, { value: value ? `\`${String(value)}\`` : '', what: description }];
    });
    expect([...rows]).toEqual(expected);
  });
});
