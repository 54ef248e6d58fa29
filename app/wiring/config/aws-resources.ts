import { z } from 'zod';
import { type BatchSettings, batchDefaults } from '../../adapters/batch/batch-settings.ts';
import { type EcsSettings, ecsDefaults } from '../../adapters/fargate/fargate-settings.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Mistake } from './mistakes.ts';
import { flag, httpUrl, optionalText } from './shared-schemas.ts';

const list = z
  .string()
  .transform((text) => text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()])));
const tag = z
  .string()
  .regex(/^[^=]+=[^=]*$/, 'must have the form key=value')
  .transform((text) => ({ key: text.split('=')[0]?.trim() ?? '', value: text.split('=')[1]?.trim() ?? '' }));
const byProject = z
  .string()
  .regex(/^[^=,]+=[^=,]+(,[^=,]+=[^=,]+)*$/, 'must have the form project=value,project=value')
  .transform(
    (text) =>
      new Map(
        text.split(',').map((pair) => [pair.split('=')[0]?.trim() ?? '', pair.split('=')[1]?.trim() ?? '']),
      ),
  );

/** Variables of the AWS services that a server and the functions both use: each can be omitted on a server. */
export const awsResourceVariables = {
  AWS_REGION: z
    .string()
    .min(1)
    .optional()
    .describe(
      'Region of the AWS services that this server uses. If omitted, the region in the ARN of the cluster, the task definition or the job queue.',
    ),
  BERTH_TASK_URL: httpUrl
    .optional()
    .describe(
      'Address at which tasks reach this API, in networks that do not reach BERTH_PUBLIC_URL. If omitted, BERTH_PUBLIC_URL.',
    ),
  BERTH_TABLE: z
    .string()
    .min(3)
    .optional()
    .describe('DynamoDB table. If omitted, an embedded database in the data directory.'),
  BERTH_BUCKET: z
    .string()
    .min(3)
    .optional()
    .describe('S3 bucket for jobs, results, reports and artifacts. If omitted, files in the data directory.'),
  BERTH_KMS_KEY_ID: optionalText.describe(
    'KMS key for the objects in BERTH_BUCKET. If omitted, the default of the bucket.',
  ),
  BERTH_SECRETS_PREFIX: z
    .string()
    .regex(/^\/.+\/$/, 'must begin and end with a slash')
    .optional()
    .describe(
      'Prefix of the secrets of suites in SSM and Secrets Manager: <prefix>repository.<ID>/, <prefix><owner>/<repository>/, and <prefix>shared/. If omitted, suites cannot use secrets from there.',
    ),
  BERTH_SECRETS_BY_NAME: flag
    .prefault('true')
    .describe(
      'Whether repositories read secrets under <prefix><owner>/<repository>/. Set it to false once all secrets are stored by repository ID.',
    ),
  ECS_CLUSTER_NAME: optionalText.describe('Name or ARN of the cluster of the tasks. If omitted, no Fargate.'),
  ECS_TASK_DEFINITION_ARN: optionalText.describe("Task definition with Berth's runner, or its family."),
  BERTH_TASK_DEFINITIONS: list
    .prefault('')
    .describe('Families that suites may name as their image, separated by commas.'),
  CONTAINER_NAME: optionalText.describe(
    'Container with the runner. If omitted, the first essential container.',
  ),
  BERTH_LOG_GROUP: optionalText.describe(
    'Log group of the tasks. If omitted, the one in the task definition.',
  ),
  BERTH_LOG_STREAM_PREFIX: optionalText.describe('The awslogs-stream-prefix of the tasks.'),
  BERTH_MAX_VCPUS: z.coerce
    .number()
    .min(0.25)
    .optional()
    .describe(
      'vCPUs that all tasks together may use; never more than the Fargate quota of the account. If omitted, 400.',
    ),
  BERTH_SPOT: flag.prefault('false').describe('Whether tasks try Fargate Spot first.'),
  SUBNET_ID: list
    .optional()
    .describe('Subnets of the tasks, separated by commas. If omitted, Berth finds them by their tag.'),
  SECURITY_GROUP_ID: list
    .optional()
    .describe(
      'Security groups of the tasks, separated by commas. If omitted, Berth finds them by their tag.',
    ),
  BERTH_SUBNET_TAG: tag.prefault('berth:network=runner').describe('Tag of the subnets.'),
  BERTH_SECURITY_GROUP_TAG: tag.prefault('berth:network=runner').describe('Tag of the security groups.'),
  BERTH_PUBLIC_IP: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('Whether tasks get a public IP address. auto: if a subnet routes to an internet gateway.'),
  BERTH_UNTRUSTED_TASK_ROLE_ARN: optionalText.describe('Role without permissions, for code from forks.'),
  BERTH_PROJECT_TASK_ROLES: byProject
    .optional()
    .describe('Roles of the trusted code of single projects: <project ID>=<role ARN>, separated by commas.'),
  BERTH_DEPLOY_ROLES: list
    .prefault('')
    .describe(
      'Roles whose credentials suites and deployments may use: ARNs, separated by commas; `*` matches any characters. The trust policy of each role says which project may use it.',
    ),
  BERTH_BATCH_JOB_QUEUE: optionalText.describe('Job queue of AWS Batch. If omitted, no Batch.'),
  BERTH_BATCH_JOB_DEFINITION: optionalText.describe("Job definition with Berth's runner."),
  BERTH_BATCH_UNTRUSTED_JOB_DEFINITION: optionalText.describe(
    'Job definition without a job role, for code from forks.',
  ),
  BERTH_BATCH_PROJECT_JOB_DEFINITIONS: byProject
    .optional()
    .describe('Job definitions of single projects: <project ID>=<name>, separated by commas.'),
  BERTH_BATCH_LOG_GROUP: z.string().default(batchDefaults.logGroup).describe('Log group of the Batch jobs.'),
  BERTH_BATCH_SPOT: flag
    .prefault('false')
    .describe('Whether the job queue runs on Spot, for cost estimates.'),
};

const schema = z.object(awsResourceVariables);
type Environment = z.output<typeof schema>;

/** Finds each variable of a pair that is set without the other one. */
export function missingPartners<Name extends string>(
  env: { readonly [Key in Name]?: unknown },
  pairs: readonly (readonly [Name, Name])[],
): readonly Mistake[] {
  return pairs.flatMap(([one, other]) => {
    if ((env[one] === undefined) === (env[other] === undefined)) return [];
    const [path, given] = env[one] === undefined ? [one, other] : [other, one];
    return [{ path, message: `is missing: ${given} is set` }];
  });
}

export const executorPairs = [
  ['ECS_CLUSTER_NAME', 'ECS_TASK_DEFINITION_ARN'],
  ['BERTH_LOG_GROUP', 'BERTH_LOG_STREAM_PREFIX'],
  ['BERTH_BATCH_JOB_QUEUE', 'BERTH_BATCH_JOB_DEFINITION'],
] as const;

/** Settings of Fargate, except the name of the installation. */
export function ecsOf(env: Environment, region: string): Omit<EcsSettings, 'installation'> | undefined {
  if (env.ECS_CLUSTER_NAME === undefined || env.ECS_TASK_DEFINITION_ARN === undefined) return undefined;
  const { BERTH_LOG_GROUP: group, BERTH_LOG_STREAM_PREFIX: streamPrefix } = env;
  return omitUndefined({
    ...ecsDefaults,
    region,
    cluster: env.ECS_CLUSTER_NAME,
    taskDefinition: env.ECS_TASK_DEFINITION_ARN,
    offeredTaskDefinitions: env.BERTH_TASK_DEFINITIONS,
    containerName: env.CONTAINER_NAME,
    log: group === undefined || streamPrefix === undefined ? undefined : { group, streamPrefix },
    spot: env.BERTH_SPOT,
    subnetIds: env.SUBNET_ID,
    securityGroupIds: env.SECURITY_GROUP_ID,
    subnetTag: env.BERTH_SUBNET_TAG,
    securityGroupTag: env.BERTH_SECURITY_GROUP_TAG,
    publicIp: env.BERTH_PUBLIC_IP,
    untrustedTaskRoleArn: env.BERTH_UNTRUSTED_TASK_ROLE_ARN,
    projectTaskRoleArns: env.BERTH_PROJECT_TASK_ROLES,
  });
}

/** Settings of Batch, except the name of the installation. */
export function batchOf(env: Environment, region: string): Omit<BatchSettings, 'installation'> | undefined {
  if (env.BERTH_BATCH_JOB_QUEUE === undefined || env.BERTH_BATCH_JOB_DEFINITION === undefined)
    return undefined;
  return omitUndefined({
    region,
    jobQueue: env.BERTH_BATCH_JOB_QUEUE,
    jobDefinition: env.BERTH_BATCH_JOB_DEFINITION,
    untrustedJobDefinition: env.BERTH_BATCH_UNTRUSTED_JOB_DEFINITION,
    projectJobDefinitions: env.BERTH_BATCH_PROJECT_JOB_DEFINITIONS,
    logGroup: env.BERTH_BATCH_LOG_GROUP,
    bucket: env.BERTH_BUCKET,
    spot: env.BERTH_BATCH_SPOT,
  });
}
