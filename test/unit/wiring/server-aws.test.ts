import { describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import { parseConfig } from '../../../app/wiring/config/config.ts';

const fargate = {
  AWS_REGION: 'eu-central-1',
  ECS_CLUSTER_NAME: 'tests',
  ECS_TASK_DEFINITION_ARN: 'runner',
};
const batch = { BERTH_BATCH_JOB_QUEUE: 'tests', BERTH_BATCH_JOB_DEFINITION: 'runner' };

const mistakesIn = (environment: Record<string, string>): readonly string[] => {
  try {
    parseConfig(environment);
    return [];
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'config_invalid') throw error;
    return (error.details ?? []).map(({ path, message }) => `${path} ${message}`);
  }
};

describe('what a server uses of AWS', () => {
  it('is nothing by default, even with a region and credentials', () => {
    expect(parseConfig({ AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x' }).aws).toBeUndefined();
  });

  it("is Fargate with the older server's variables", () => {
    const { aws } = parseConfig({
      ...fargate,
      CONTAINER_NAME: 'app',
      SUBNET_ID: 'subnet-1',
      SECURITY_GROUP_ID: 'sg-1',
    });
    expect(aws).toMatchObject({
      region: 'eu-central-1',
      ecs: { cluster: 'tests', containerName: 'app', subnetIds: ['subnet-1'], securityGroupIds: ['sg-1'] },
    });
    expect(aws?.table).toBeUndefined();
    expect(aws?.bucket).toBeUndefined();
  });

  it.each([
    [{ BERTH_TABLE: 'berth' }, { table: 'berth' }],
    [{ BERTH_BUCKET: 'berth' }, { bucket: 'berth' }],
    [{ BERTH_DEPLOY_ROLES: 'arn:a, arn:b' }, { deployRoles: ['arn:a', 'arn:b'] }],
    [batch, { batch: { jobQueue: 'tests' } }],
    [
      { BERTH_SECRETS_PREFIX: '/b/', BERTH_SECRETS_BY_NAME: 'false' },
      { secrets: { prefix: '/b/', byName: false } },
    ],
  ])('is each part on its own: %j', (environment, part) => {
    const { aws } = parseConfig({ AWS_REGION: 'eu-central-1', ...environment });
    expect(aws).toEqual({
      region: 'eu-central-1',
      ...part,
      ...('batch' in part ? { batch: aws?.batch } : {}),
    });
    expect(aws).toMatchObject(part);
  });

  it('is nothing if only CONTAINER_NAME is set, as platforms do in every container', () => {
    expect(parseConfig({ CONTAINER_NAME: 'app' }).aws).toBeUndefined();
  });

  it('takes the region from an ARN', () => {
    const ECS_TASK_DEFINITION_ARN = 'arn:aws:ecs:us-west-2:123456789012:task-definition/runner:7';
    expect(parseConfig({ ECS_CLUSTER_NAME: 'tests', ECS_TASK_DEFINITION_ARN }).aws?.region).toBe('us-west-2');
  });

  it.each([
    [
      { ECS_CLUSTER_NAME: 'c', AWS_REGION: 'r' },
      ['ECS_TASK_DEFINITION_ARN is missing: ECS_CLUSTER_NAME is set'],
    ],
    [
      { BERTH_BATCH_JOB_DEFINITION: 'd', AWS_REGION: 'r' },
      ['BERTH_BATCH_JOB_QUEUE is missing: BERTH_BATCH_JOB_DEFINITION is set'],
    ],
    [{ ...fargate, AWS_REGION: '' }, ['AWS_REGION is missing, and no ARN contains the region']],
    [{ BERTH_TABLE: 'berth' }, ['AWS_REGION is missing, and no ARN contains the region']],
    [
      { ...fargate, BERTH_EXECUTOR: 'docker' },
      ['BERTH_EXECUTOR is docker, and ECS_CLUSTER_NAME is set. Remove one of the two'],
    ],
    [
      { ...fargate, ...batch, BERTH_EXECUTOR: 'fargate' },
      ['BERTH_EXECUTOR is fargate, and BERTH_BATCH_JOB_QUEUE is set. Remove one of the two'],
    ],
    [{ BERTH_EXECUTOR: 'batch' }, ['BERTH_BATCH_JOB_QUEUE is missing: BERTH_EXECUTOR is batch']],
    [{ CONTAINER_NAME: 'app', SUBNET_ID: 'subnet-1' }, ['SUBNET_ID has no effect without ECS_CLUSTER_NAME']],
    [
      { ...fargate, BERTH_LOG_GROUP: '/berth' },
      ['BERTH_LOG_STREAM_PREFIX is missing: BERTH_LOG_GROUP is set'],
    ],
    [{ BERTH_KMS_KEY_ID: 'k' }, ['BERTH_KMS_KEY_ID has no effect without BERTH_BUCKET']],
    [{ ...fargate, BERTH_RUNNER_IMAGE: 'mine' }, ['BERTH_RUNNER_IMAGE has no effect on tasks on AWS']],
  ])('refuses %j', (environment, mistakes) => {
    expect(mistakesIn(environment)).toEqual(mistakes);
  });

  it('may name the executor that its variables select', () => {
    expect(parseConfig({ ...fargate, BERTH_EXECUTOR: 'fargate' }).aws?.ecs?.cluster).toBe('tests');
  });
});
