import { z } from 'zod';
import { type BatchSettings, batchDefaults } from '../../adapters/batch/batch-settings.ts';
import { type EcsSettings, ecsDefaults } from '../../adapters/fargate/fargate-settings.ts';
import { BerthError } from '../../core/model/errors.ts';
import { artifactsUrlOf, type GithubServer, githubServerOf } from './config.ts';
import { environmentSchema } from './variables.ts';

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
const secretReference = z
  .string()
  .regex(/^(ssm:|secretsmanager:|arn:)/, 'must be ssm:<name>, secretsmanager:<name>, or the ARN of either');

/** Variables with the same meaning in the embedded mode. */
const { shape: shared } = environmentSchema;

/** Every variable that Berth's functions on AWS read. The Terraform module sets them. An empty variable counts as omitted. */
export const awsEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1).describe('Region. Lambda sets it.'),
  BERTH_PUBLIC_URL: z.url({ protocol: /^https?$/ }).describe('Address of the API. Links start with it.'),
  BERTH_TASK_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe(
      'Address at which tasks renew their upload URLs, in networks that do not reach BERTH_PUBLIC_URL. If omitted, BERTH_PUBLIC_URL.',
    ),
  BERTH_ARTIFACTS_URL: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe(
      'Address that artifacts open at in the browser: a second host name that leads to the same API. If omitted, artifacts can only be downloaded.',
    ),
  BERTH_TABLE: z.string().min(3).describe('DynamoDB table.'),
  BERTH_RUN_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Days that the table keeps an ended run. If omitted, it keeps all runs.'),
  BERTH_BUCKET: z.string().min(3).describe('S3 bucket for jobs, results, reports and artifacts.'),
  BERTH_KMS_KEY_ID: z
    .string()
    .optional()
    .describe('KMS key for those objects. If omitted, the default of the bucket.'),
  BERTH_QUEUE_URL: z.url().describe('SQS queue between the functions.'),
  BERTH_EVENT_BUS: z.string().default('default').describe('EventBridge bus that Berth publishes events to.'),
  BERTH_WEBHOOK_URL: z
    .url()
    .optional()
    .describe('URL that receives events as signed webhooks, besides the bus.'),
  BERTH_WEBHOOK_SECRET: secretReference.optional().describe('Secret that signs those webhooks.'),
  BERTH_SECRETS_PREFIX: z
    .string()
    .regex(/^\/.+\/$/, 'must begin and end with a slash')
    .default('/berth/secrets/')
    .describe(
      'Prefix of the secrets of suites: <prefix>repository.<ID>/, <prefix><owner>/<repository>/, and <prefix>shared/.',
    ),
  BERTH_SECRETS_BY_NAME: z
    .stringbool()
    .prefault('true')
    .describe(
      'Whether repositories read secrets under <prefix><owner>/<repository>/. Set it to false once all secrets are stored by repository ID.',
    ),
  BERTH_GITHUB_SECRET: secretReference
    .optional()
    .describe(
      'Secret with the GitHub App as JSON: appId, privateKey, webhookSecret, and for sign-in with GitHub clientId and clientSecret. If omitted, Berth runs without GitHub.',
    ),
  BERTH_SOURCES: z
    .enum(['git', 'archive'])
    .default('git')
    .describe(
      'How tasks get sources from GitHub: `git` clones; `archive` is fetched by Berth, for tasks that cannot reach GitHub.',
    ),
  BERTH_SESSION_SECRET: secretReference
    .optional()
    .describe(
      'Secret that signs sessions of the dashboard, 32 characters or more. If omitted, the private key of the GitHub App, or without an App a secret that the functions create in the bucket.',
    ),
  GHE_HOST: shared.GHE_HOST,
  GHE_PROTOCOL: shared.GHE_PROTOCOL,
  BERTH_PULL_REQUEST_COMMENTS: shared.BERTH_PULL_REQUEST_COMMENTS,
  BERTH_OIDC_ISSUER: z
    .url({ protocol: /^https?$/ })
    .default('https://token.actions.githubusercontent.com')
    .describe('Issuer of the OIDC tokens of GitHub Actions.'),
  BERTH_OIDC_AUDIENCE: shared.BERTH_OIDC_AUDIENCE,
  BERTH_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Level of the JSON log.'),
  BERTH_PROJECT: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'must contain only letters, digits, - and _')
    .default('default')
    .describe('Name of the project that the first setup creates.'),
  ECS_CLUSTER_NAME: z
    .string()
    .optional()
    .describe('Name or ARN of the cluster of the tasks. If omitted, no Fargate.'),
  ECS_TASK_DEFINITION_ARN: z
    .string()
    .optional()
    .describe("Task definition with Berth's runner, or its family."),
  BERTH_TASK_DEFINITIONS: list
    .prefault('')
    .describe('Families that suites may name as their image, separated by commas.'),
  CONTAINER_NAME: z
    .string()
    .optional()
    .describe('Container with the runner. If omitted, the first essential container.'),
  BERTH_LOG_GROUP: z
    .string()
    .optional()
    .describe('Log group of the tasks. If omitted, the one in the task definition.'),
  BERTH_LOG_STREAM_PREFIX: z.string().optional().describe('The awslogs-stream-prefix of the tasks.'),
  BERTH_MAX_TASKS: shared.BERTH_MAX_TASKS,
  BERTH_MAX_VCPUS: z.coerce
    .number()
    .min(0.25)
    .optional()
    .describe(
      'vCPUs that all tasks together may use. If omitted, the Fargate quota of the account; if that is above 256, only AWS enforces it.',
    ),
  BERTH_SPOT: z.stringbool().prefault('false').describe('Whether tasks try Fargate Spot first.'),
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
  BERTH_UNTRUSTED_TASK_ROLE_ARN: z
    .string()
    .optional()
    .describe('Role without permissions, for code from forks.'),
  BERTH_PROJECT_TASK_ROLES: byProject
    .optional()
    .describe('Roles of the trusted code of single projects: <project id>=<role ARN>, separated by commas.'),
  BERTH_BATCH_JOB_QUEUE: z.string().optional().describe('Job queue of AWS Batch. If omitted, no Batch.'),
  BERTH_BATCH_JOB_DEFINITION: z.string().optional().describe("Job definition with Berth's runner."),
  BERTH_BATCH_UNTRUSTED_JOB_DEFINITION: z
    .string()
    .optional()
    .describe('Job definition without a job role, for code from forks.'),
  BERTH_BATCH_PROJECT_JOB_DEFINITIONS: byProject
    .optional()
    .describe('Job definitions of single projects: <project id>=<name>, separated by commas.'),
  BERTH_BATCH_LOG_GROUP: z.string().default(batchDefaults.logGroup).describe('Log group of the Batch jobs.'),
  BERTH_BATCH_SPOT: z
    .stringbool()
    .prefault('false')
    .describe('Whether the job queue runs on Spot, for cost estimates.'),
  BERTH_EVENT_PROJECT: z.string().optional().describe('Project of event-driven runs (eventDrivenTest).'),
  BERTH_EVENT_REPO_URL: z.string().optional().describe('Repository of event-driven runs.'),
  BERTH_EVENT_BRANCH: z.string().default('main').describe('Branch of event-driven runs.'),
  BERTH_EVENT_COMMAND: z
    .string()
    .optional()
    .describe('Command of event-driven runs. If omitted, Berth refuses such runs.'),
  BERTH_EVENT_VCPU: z.coerce.number().min(0.25).max(16).default(0.5).describe('vCPUs of event-driven runs.'),
  BERTH_EVENT_MEMORY: z.coerce
    .number()
    .int()
    .min(512)
    .max(122_880)
    .default(1024)
    .describe('Memory of event-driven runs in MiB.'),
  BERTH_EVENT_TIMEOUT_SECONDS: z.coerce
    .number()
    .int()
    .min(1)
    .default(300)
    .describe('Time limit of event-driven runs in seconds.'),
});

/** Configuration of Berth's functions, from their environment. */
export interface AwsConfig {
  readonly region: string;
  readonly publicUrl: string;
  /** Where tasks reach this API. */
  readonly taskUrl: string;
  /** Where artifacts open in the browser. */
  readonly artifactsUrl?: string;
  readonly table: string;
  readonly runRetentionDays?: number;
  readonly bucket: string;
  readonly kmsKeyId?: string;
  readonly queueUrl: string;
  readonly eventBus: string;
  readonly webhook?: { readonly url: string; readonly secret: string };
  readonly secretsPrefix: string;
  readonly secretsByName: boolean;
  readonly sources: 'git' | 'archive';
  readonly githubSecret?: string;
  readonly sessionSecret?: string;
  readonly githubServer: GithubServer;
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
    readonly cpuUnits: number;
    readonly memoryMib: number;
    readonly timeoutSeconds: number;
  };
}

type Environment = z.output<typeof awsEnvironmentSchema>;
interface Mistake {
  readonly path: string;
  readonly message: string;
}

/**
 * Parses the environment of a function into its configuration.
 *
 * @throws BerthError `config_invalid` with all mistakes, and without values.
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
    taskUrl: (env.BERTH_TASK_URL ?? env.BERTH_PUBLIC_URL).replace(/\/+$/, ''),
    ...optional('artifactsUrl', artifactsUrlOf(env)),
    table: env.BERTH_TABLE,
    ...optional('runRetentionDays', env.BERTH_RUN_RETENTION_DAYS),
    bucket: env.BERTH_BUCKET,
    ...optional('kmsKeyId', env.BERTH_KMS_KEY_ID),
    queueUrl: env.BERTH_QUEUE_URL,
    eventBus: env.BERTH_EVENT_BUS,
    ...(env.BERTH_WEBHOOK_URL === undefined || env.BERTH_WEBHOOK_SECRET === undefined
      ? {}
      : { webhook: { url: env.BERTH_WEBHOOK_URL, secret: env.BERTH_WEBHOOK_SECRET } }),
    secretsPrefix: env.BERTH_SECRETS_PREFIX,
    secretsByName: env.BERTH_SECRETS_BY_NAME,
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

/** Finds variables that require each other. */
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
    return [{ path, message: `is missing: ${given} is set` }];
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
      ...optional('projectTaskRoleArns', env.BERTH_PROJECT_TASK_ROLES),
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
      ...optional('projectJobDefinitions', env.BERTH_BATCH_PROJECT_JOB_DEFINITIONS),
      logGroup: env.BERTH_BATCH_LOG_GROUP,
      bucket: env.BERTH_BUCKET,
      spot: env.BERTH_BATCH_SPOT,
    },
  };
}

function eventRunOf(env: Environment): Pick<AwsConfig, 'eventRun'> {
  const { BERTH_EVENT_PROJECT: project, BERTH_EVENT_REPO_URL: repoUrl, BERTH_EVENT_COMMAND: command } = env;
  if (project === undefined || repoUrl === undefined || command === undefined) return {};
  return {
    eventRun: {
      project,
      repoUrl,
      branch: env.BERTH_EVENT_BRANCH,
      command,
      cpuUnits: env.BERTH_EVENT_VCPU * 1024,
      memoryMib: env.BERTH_EVENT_MEMORY,
      timeoutSeconds: env.BERTH_EVENT_TIMEOUT_SECONDS,
    },
  };
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
