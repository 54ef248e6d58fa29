import { z } from 'zod';
import { type BatchSettings, batchDefaults } from '../../adapters/batch/batch-settings.ts';
import { type EcsSettings, ecsDefaults } from '../../adapters/fargate/fargate-settings.ts';
import { BerthError } from '../../core/model/errors.ts';
import { githubServerOf } from './config.ts';
import { environmentSchema } from './variables.ts';

const list = z
  .string()
  .transform((text) => text.split(',').flatMap((item) => (item.trim() === '' ? [] : [item.trim()])));
const tag = z
  .string()
  .regex(/^[^=]+=[^=]*$/, 'has to be of the form key=value')
  .transform((text) => ({ key: text.split('=')[0]?.trim() ?? '', value: text.split('=')[1]?.trim() ?? '' }));
const secretReference = z
  .string()
  .regex(/^(ssm:|secretsmanager:|arn:)/, 'has to be ssm:<name>, secretsmanager:<name>, or the ARN of either');

/** Variables that mean the same on a laptop. */
const { shape: shared } = environmentSchema;

/** Every variable that Berth's functions on AWS read. The Terraform module sets them; an empty one counts as absent. */
export const awsEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1).describe('Region; Lambda sets it.'),
  BERTH_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .describe('Where people reach the API; links begin with it.'),
  BERTH_TABLE: z.string().min(3).describe('DynamoDB table.'),
  BERTH_BUCKET: z.string().min(3).describe('S3 bucket of jobs, results, reports and artifacts.'),
  BERTH_KMS_KEY_ID: z.string().optional().describe("KMS key of those objects; absent: the bucket's default."),
  BERTH_QUEUE_URL: z.url().describe('SQS queue by which the functions call one another.'),
  BERTH_EVENT_BUS: z.string().default('default').describe('EventBridge bus that events are published to.'),
  BERTH_WEBHOOK_URL: z
    .url()
    .optional()
    .describe('Where events are posted to as signed webhooks, beside the bus.'),
  BERTH_WEBHOOK_SECRET: secretReference.optional().describe('What those webhooks are signed with.'),
  BERTH_SECRETS_PREFIX: z
    .string()
    .regex(/^\/.+\/$/, 'has to begin and end with a slash')
    .default('/berth/secrets/')
    .describe('Secrets of suites lie under it: <prefix><owner>/<repository>/, and <prefix>shared/.'),
  BERTH_GITHUB_SECRET: secretReference
    .optional()
    .describe(
      'Secret with the GitHub App as JSON: appId, privateKey, webhookSecret, and for sign-in with GitHub clientId and clientSecret. Absent: without GitHub.',
    ),
  BERTH_SOURCES: z
    .enum(['git', 'archive'])
    .default('git')
    .describe(
      'How tasks get what is on GitHub: `git` clones; `archive` is fetched by Berth, for tasks that do not reach GitHub.',
    ),
  BERTH_SESSION_SECRET: secretReference
    .optional()
    .describe(
      "What sessions of the dashboard are signed with, 32 characters or more; absent: the GitHub App's private key, and without that one a secret that the functions keep in their bucket.",
    ),
  GHE_HOST: shared.GHE_HOST,
  GHE_PROTOCOL: shared.GHE_PROTOCOL,
  BERTH_OIDC_ISSUER: z
    .url({ protocol: /^https?$/ })
    .default('https://token.actions.githubusercontent.com')
    .describe('Who signs the OIDC tokens of GitHub Actions.'),
  BERTH_OIDC_AUDIENCE: shared.BERTH_OIDC_AUDIENCE,
  BERTH_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('What is logged, as JSON.'),
  BERTH_PROJECT: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'has to be letters, digits, - and _')
    .default('default')
    .describe('Name of the project that the first setup creates.'),
  ECS_CLUSTER_NAME: z
    .string()
    .optional()
    .describe('Cluster of the tasks, by name or ARN; absent: no Fargate.'),
  ECS_TASK_DEFINITION_ARN: z
    .string()
    .optional()
    .describe("Task definition with Berth's runner, or its family."),
  BERTH_TASK_DEFINITIONS: list
    .prefault('')
    .describe('Families that suites may name as their image, with commas between them.'),
  CONTAINER_NAME: z
    .string()
    .optional()
    .describe('Container with the runner; absent: the first essential one.'),
  BERTH_LOG_GROUP: z.string().optional().describe("Log group of the tasks; absent: the task definition's."),
  BERTH_LOG_STREAM_PREFIX: z.string().optional().describe('Its awslogs-stream-prefix.'),
  BERTH_MAX_TASKS: shared.BERTH_MAX_TASKS,
  BERTH_MAX_VCPUS: z.coerce
    .number()
    .min(0.25)
    .optional()
    .describe(
      "vCPUs of all tasks together: what of the account's Fargate quota Berth may use. Absent: all of it, and where it is more than 256, AWS is left to say so.",
    ),
  BERTH_SPOT: z.stringbool().prefault('false').describe('Whether tasks try Fargate Spot first.'),
  SUBNET_ID: list.optional().describe('Subnets of the tasks, with commas; absent: found by their tag.'),
  SECURITY_GROUP_ID: list
    .optional()
    .describe('Security groups of the tasks, with commas; absent: found by their tag.'),
  BERTH_SUBNET_TAG: tag.prefault('berth:network=runner').describe('Tag by which subnets are found.'),
  BERTH_SECURITY_GROUP_TAG: tag
    .prefault('berth:network=runner')
    .describe('Tag by which security groups are found.'),
  BERTH_PUBLIC_IP: z
    .enum(['auto', 'always', 'never'])
    .default('auto')
    .describe('Whether tasks get a public IP; auto: where a subnet routes to an internet gateway.'),
  BERTH_UNTRUSTED_TASK_ROLE_ARN: z
    .string()
    .optional()
    .describe('Role without permissions, for the code of forks.'),
  BERTH_BATCH_JOB_QUEUE: z.string().optional().describe('Job queue of AWS Batch; absent: no Batch.'),
  BERTH_BATCH_JOB_DEFINITION: z.string().optional().describe("Job definition with Berth's runner."),
  BERTH_BATCH_UNTRUSTED_JOB_DEFINITION: z
    .string()
    .optional()
    .describe('Job definition without a job role, for the code of forks.'),
  BERTH_BATCH_LOG_GROUP: z
    .string()
    .default(batchDefaults.logGroup)
    .describe('Log group of the jobs of Batch.'),
  BERTH_BATCH_SPOT: z
    .stringbool()
    .prefault('false')
    .describe('Whether the queue runs on Spot, for estimates of costs.'),
  BERTH_EVENT_PROJECT: z.string().optional().describe('Project of event-driven runs (eventDrivenTest).'),
  BERTH_EVENT_REPO_URL: z.string().optional().describe('What they clone.'),
  BERTH_EVENT_BRANCH: z.string().default('main').describe('Which branch of it.'),
  BERTH_EVENT_COMMAND: z.string().optional().describe('What they run.'),
});

/** What Berth's functions are told by their environment. */
export interface AwsConfig {
  readonly region: string;
  readonly publicUrl: string;
  readonly table: string;
  readonly bucket: string;
  readonly kmsKeyId?: string;
  readonly queueUrl: string;
  readonly eventBus: string;
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly secretsPrefix: string;
  readonly sources: 'git' | 'archive';
  readonly githubSecret?: string;
  readonly sessionSecret?: string;
  readonly githubServer: { readonly apiUrl: string; readonly webUrl: string };
  readonly oidc: { readonly issuer: string; readonly audience: string };
  readonly logLevel: z.output<typeof awsEnvironmentSchema>['BERTH_LOG_LEVEL'];
  readonly firstProject: string;
  readonly maxTasks?: number;
  readonly maxTaskCpuUnits?: number;
  readonly ecs?: EcsSettings;
  readonly batch?: BatchSettings;
  readonly eventRun?: {
    readonly project: string;
    readonly repoUrl: string;
    readonly branch: string;
    readonly command: string;
  };
}

type Environment = z.output<typeof awsEnvironmentSchema>;
interface Mistake {
  readonly path: string;
  readonly message: string;
}

/**
 * Turns the environment of a function into its configuration.
 *
 * @throws BerthError `config_invalid` with every mistake at once, never with a value.
 */
export function parseAwsConfig(environment: Readonly<Record<string, string | undefined>>): AwsConfig {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  const parsed = awsEnvironmentSchema.safeParse(Object.fromEntries(given), { reportInput: false });
  if (!parsed.success) {
    throw mistaken(parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message })));
  }
  const env = parsed.data;
  const mistakes = missingPartners(env);
  if (mistakes.length > 0) throw mistaken(mistakes);
  return Object.freeze({
    region: env.AWS_REGION,
    publicUrl: env.BERTH_PUBLIC_URL.replace(/\/+$/, ''),
    table: env.BERTH_TABLE,
    bucket: env.BERTH_BUCKET,
    ...optional('kmsKeyId', env.BERTH_KMS_KEY_ID),
    queueUrl: env.BERTH_QUEUE_URL,
    eventBus: env.BERTH_EVENT_BUS,
    ...(env.BERTH_WEBHOOK_URL === undefined || env.BERTH_WEBHOOK_SECRET === undefined
      ? {}
      : { webhook: { url: env.BERTH_WEBHOOK_URL, secret: env.BERTH_WEBHOOK_SECRET } }),
    secretsPrefix: env.BERTH_SECRETS_PREFIX,
    ...optional('githubSecret', env.BERTH_GITHUB_SECRET),
    sources: env.BERTH_SOURCES,
    ...optional('sessionSecret', env.BERTH_SESSION_SECRET),
    githubServer: githubServerOf(env),
    oidc: {
      issuer: env.BERTH_OIDC_ISSUER.replace(/\/+$/, ''),
      audience: env.BERTH_OIDC_AUDIENCE ?? new URL(env.BERTH_PUBLIC_URL).origin,
    },
    logLevel: env.BERTH_LOG_LEVEL,
    firstProject: env.BERTH_PROJECT,
    ...optional('maxTasks', env.BERTH_MAX_TASKS),
    ...optional(
      'maxTaskCpuUnits',
      env.BERTH_MAX_VCPUS === undefined ? undefined : env.BERTH_MAX_VCPUS * 1024,
    ),
    ...ecsOf(env),
    ...batchOf(env),
    ...eventRunOf(env),
  });
}

/** Variables that mean something together alone. */
function missingPartners(env: Environment): readonly Mistake[] {
  const partners = [
    ['ECS_CLUSTER_NAME', 'ECS_TASK_DEFINITION_ARN'],
    ['BERTH_LOG_GROUP', 'BERTH_LOG_STREAM_PREFIX'],
    ['BERTH_BATCH_JOB_QUEUE', 'BERTH_BATCH_JOB_DEFINITION'],
    ['BERTH_WEBHOOK_URL', 'BERTH_WEBHOOK_SECRET'],
    ['BERTH_EVENT_PROJECT', 'BERTH_EVENT_REPO_URL'],
    ['BERTH_EVENT_PROJECT', 'BERTH_EVENT_COMMAND'],
  ] as const;
  const missing = partners.flatMap(([one, other]) => {
    if ((env[one] === undefined) === (env[other] === undefined)) return [];
    const [path, given] = env[one] === undefined ? [one, other] : [other, one];
    return [{ path, message: `is missing: ${given} is given` }];
  });
  const hasExecutor = env.ECS_CLUSTER_NAME !== undefined || env.BERTH_BATCH_JOB_QUEUE !== undefined;
  const nowhere = { path: 'ECS_CLUSTER_NAME', message: 'is missing, and so is BERTH_BATCH_JOB_QUEUE' };
  return hasExecutor ? missing : [...missing, nowhere];
}

function ecsOf(env: Environment): { ecs?: EcsSettings } {
  if (env.ECS_CLUSTER_NAME === undefined || env.ECS_TASK_DEFINITION_ARN === undefined) return {};
  return {
    ecs: {
      ...ecsDefaults,
      region: env.AWS_REGION,
      installation: env.BERTH_TABLE,
      cluster: env.ECS_CLUSTER_NAME,
      taskDefinition: env.ECS_TASK_DEFINITION_ARN,
      offeredTaskDefinitions: env.BERTH_TASK_DEFINITIONS,
      ...optional('containerName', env.CONTAINER_NAME),
      ...(env.BERTH_LOG_GROUP === undefined || env.BERTH_LOG_STREAM_PREFIX === undefined
        ? {}
        : { log: { group: env.BERTH_LOG_GROUP, streamPrefix: env.BERTH_LOG_STREAM_PREFIX } }),
      spot: env.BERTH_SPOT,
      ...optional('subnetIds', env.SUBNET_ID),
      ...optional('securityGroupIds', env.SECURITY_GROUP_ID),
      subnetTag: env.BERTH_SUBNET_TAG,
      securityGroupTag: env.BERTH_SECURITY_GROUP_TAG,
      publicIp: env.BERTH_PUBLIC_IP,
      ...optional('untrustedTaskRoleArn', env.BERTH_UNTRUSTED_TASK_ROLE_ARN),
    },
  };
}

function batchOf(env: Environment): { batch?: BatchSettings } {
  if (env.BERTH_BATCH_JOB_QUEUE === undefined || env.BERTH_BATCH_JOB_DEFINITION === undefined) return {};
  return {
    batch: {
      region: env.AWS_REGION,
      installation: env.BERTH_TABLE,
      jobQueue: env.BERTH_BATCH_JOB_QUEUE,
      jobDefinition: env.BERTH_BATCH_JOB_DEFINITION,
      ...optional('untrustedJobDefinition', env.BERTH_BATCH_UNTRUSTED_JOB_DEFINITION),
      logGroup: env.BERTH_BATCH_LOG_GROUP,
      bucket: env.BERTH_BUCKET,
      spot: env.BERTH_BATCH_SPOT,
    },
  };
}

function eventRunOf(env: Environment): Pick<AwsConfig, 'eventRun'> {
  const { BERTH_EVENT_PROJECT: project, BERTH_EVENT_REPO_URL: repoUrl, BERTH_EVENT_COMMAND: command } = env;
  if (project === undefined || repoUrl === undefined || command === undefined) return {};
  return { eventRun: { project, repoUrl, branch: env.BERTH_EVENT_BRANCH, command } };
}

function optional<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { [Key in Name]?: Value } {
  // The computed key is exactly `Name`, which TypeScript widens to any string.
  return value === undefined ? {} : ({ [name]: value } as { [Key in Name]: Value });
}

function mistaken(details: readonly Mistake[]): BerthError {
  const lines = details.map(({ path, message }) => `  ${path}: ${message}`).join('\n');
  return new BerthError('config_invalid', `The environment of this function has mistakes:\n${lines}`, {
    details,
    hint: 'docs/configuration-aws.md lists every variable.',
  });
}
