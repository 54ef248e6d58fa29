import { z } from 'zod';
import type { BatchSettings } from '../../adapters/batch/batch-settings.ts';
import type { EcsSettings } from '../../adapters/fargate/fargate-settings.ts';
import type { BerthError } from '../../core/model/errors.ts';
import type { NoticeSettings } from '../../core/results/notices.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import {
  batchOf,
  ecsOf,
  executorPairs,
  missingPartners,
  awsResourceVariables as resources,
} from './aws-resources.ts';
import { artifactsUrlOf, type GithubServer, githubServerOf, noticeSettingsOf } from './config.ts';
import { type ConfiguredLimits, limitsOf } from './limits.ts';
import { type Mistake, mistaken, mistakesIn } from './mistakes.ts';
import { noticeVariables } from './notice-variables.ts';
import { environmentSchema } from './variables.ts';

const secretReference = z
  .string()
  .regex(/^(ssm:|secretsmanager:|arn:)/, 'must be ssm:<name>, secretsmanager:<name>, or the ARN of either');

/** Variables with the same meaning in the embedded mode. */
const { shape: shared } = environmentSchema;

/** Every variable that Berth's functions on AWS read. The Terraform module sets them. An empty variable counts as omitted. */
export const awsEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1).describe('Region. Lambda sets it.'),
  BERTH_PUBLIC_URL: z.url({ protocol: /^https?$/ }).describe('Address of the API. Links start with it.'),
  BERTH_TASK_URL: resources.BERTH_TASK_URL,
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
  BERTH_RETENTION_RUNS: z.coerce
    .number()
    .int()
    .min(1000)
    .optional()
    .describe('Runs of each project that the table keeps: the newest. If omitted, all.'),
  BERTH_BUCKET: z.string().min(3).describe('S3 bucket for jobs, results, reports and artifacts.'),
  BERTH_KMS_KEY_ID: resources.BERTH_KMS_KEY_ID,
  BERTH_QUEUE_URL: z.url().describe('SQS queue between the functions.'),
  BERTH_EVENT_BUS: z.string().default('default').describe('EventBridge bus that Berth publishes events to.'),
  BERTH_WEBHOOK_URL: z
    .url()
    .optional()
    .describe('URL that receives events as signed webhooks, besides the bus.'),
  BERTH_WEBHOOK_SECRET: secretReference.optional().describe('Secret that signs those webhooks.'),
  BERTH_SLACK_WEBHOOK_URL: secretReference
    .optional()
    .describe(
      'Secret with the incoming webhook of Slack, or of a compatible service, that receives messages.',
    ),
  ...noticeVariables,
  BERTH_SECRETS_PREFIX: resources.BERTH_SECRETS_PREFIX.unwrap()
    .default('/berth/secrets/')
    .describe(
      'Prefix of the secrets of suites: <prefix>repository.<ID>/, <prefix><owner>/<repository>/, and <prefix>shared/.',
    ),
  BERTH_SECRETS_BY_NAME: resources.BERTH_SECRETS_BY_NAME,
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
  ECS_CLUSTER_NAME: resources.ECS_CLUSTER_NAME,
  ECS_TASK_DEFINITION_ARN: resources.ECS_TASK_DEFINITION_ARN,
  BERTH_TASK_DEFINITIONS: resources.BERTH_TASK_DEFINITIONS,
  CONTAINER_NAME: resources.CONTAINER_NAME,
  BERTH_LOG_GROUP: resources.BERTH_LOG_GROUP,
  BERTH_LOG_STREAM_PREFIX: resources.BERTH_LOG_STREAM_PREFIX,
  BERTH_MAX_TASKS: shared.BERTH_MAX_TASKS,
  BERTH_MAX_PROJECT_TASKS: shared.BERTH_MAX_PROJECT_TASKS,
  BERTH_MAX_PROJECT_VCPUS: shared.BERTH_MAX_PROJECT_VCPUS,
  BERTH_MAX_RUN_SECONDS: shared.BERTH_MAX_RUN_SECONDS,
  BERTH_MAX_LOG_MIB: shared.BERTH_MAX_LOG_MIB,
  BERTH_MAX_ARTIFACTS_MIB: shared.BERTH_MAX_ARTIFACTS_MIB,
  BERTH_MAX_CACHE_MIB: shared.BERTH_MAX_CACHE_MIB,
  BERTH_CACHE_DAYS: shared.BERTH_CACHE_DAYS,
  BERTH_MONTHLY_BUDGET_USD: shared.BERTH_MONTHLY_BUDGET_USD,
  BERTH_BUDGET_ACTION: shared.BERTH_BUDGET_ACTION,
  BERTH_MAX_VCPUS: resources.BERTH_MAX_VCPUS,
  BERTH_SPOT: resources.BERTH_SPOT,
  SUBNET_ID: resources.SUBNET_ID,
  SECURITY_GROUP_ID: resources.SECURITY_GROUP_ID,
  BERTH_SUBNET_TAG: resources.BERTH_SUBNET_TAG,
  BERTH_SECURITY_GROUP_TAG: resources.BERTH_SECURITY_GROUP_TAG,
  BERTH_PUBLIC_IP: resources.BERTH_PUBLIC_IP,
  BERTH_UNTRUSTED_TASK_ROLE_ARN: resources.BERTH_UNTRUSTED_TASK_ROLE_ARN,
  BERTH_PROJECT_TASK_ROLES: resources.BERTH_PROJECT_TASK_ROLES,
  BERTH_DEPLOY_ROLES: resources.BERTH_DEPLOY_ROLES,
  BERTH_BATCH_JOB_QUEUE: resources.BERTH_BATCH_JOB_QUEUE,
  BERTH_BATCH_JOB_DEFINITION: resources.BERTH_BATCH_JOB_DEFINITION,
  BERTH_BATCH_UNTRUSTED_JOB_DEFINITION: resources.BERTH_BATCH_UNTRUSTED_JOB_DEFINITION,
  BERTH_BATCH_PROJECT_JOB_DEFINITIONS: resources.BERTH_BATCH_PROJECT_JOB_DEFINITIONS,
  BERTH_BATCH_LOG_GROUP: resources.BERTH_BATCH_LOG_GROUP,
  BERTH_BATCH_SPOT: resources.BERTH_BATCH_SPOT,
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
  readonly retentionRuns?: number;
  readonly bucket: string;
  readonly kmsKeyId?: string;
  readonly queueUrl: string;
  readonly eventBus: string;
  readonly webhook?: { readonly url: string; readonly secret: string };
  /** Reference to the secret with the incoming webhook of Slack. */
  readonly slackSecret?: string;
  readonly notices: NoticeSettings;
  readonly secretsPrefix: string;
  readonly secretsByName: boolean;
  readonly sources: 'git' | 'archive';
  readonly githubSecret?: string;
  readonly sessionSecret?: string;
  readonly githubServer: GithubServer;
  readonly oidc: { readonly issuer: string; readonly audience: string };
  readonly logLevel: z.output<typeof awsEnvironmentSchema>['BERTH_LOG_LEVEL'];
  readonly firstProject: string;
  /** Patterns of the ARNs of roles that runs may use. */
  readonly deployRoles: readonly string[];
  readonly limits: ConfiguredLimits;
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

/**
 * Parses the environment of a function into its configuration.
 *
 * @throws BerthError `config_invalid` with all mistakes, and without values.
 */
export function parseAwsConfig(environment: Readonly<Record<string, string | undefined>>): AwsConfig {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  const parsed = awsEnvironmentSchema.safeParse(Object.fromEntries(given), { reportInput: false });
  if (!parsed.success) throw mistakenFunction(mistakesIn(parsed.error));
  const env = parsed.data;
  const mistakes = mistakesOf(env);
  if (mistakes.length > 0) throw mistakenFunction(mistakes);
  const ecs = ecsOf(env, env.AWS_REGION);
  const batch = batchOf(env, env.AWS_REGION);
  const installation = env.BERTH_TABLE;
  const { BERTH_WEBHOOK_URL: url, BERTH_WEBHOOK_SECRET: secret, BERTH_MAX_VCPUS: maxVcpus } = env;
  return Object.freeze(
    omitUndefined({
      region: env.AWS_REGION,
      publicUrl: env.BERTH_PUBLIC_URL.replace(/\/+$/, ''),
      taskUrl: (env.BERTH_TASK_URL ?? env.BERTH_PUBLIC_URL).replace(/\/+$/, ''),
      artifactsUrl: artifactsUrlOf(env),
      table: env.BERTH_TABLE,
      retentionRuns: env.BERTH_RETENTION_RUNS,
      runRetentionDays: env.BERTH_RUN_RETENTION_DAYS,
      bucket: env.BERTH_BUCKET,
      kmsKeyId: env.BERTH_KMS_KEY_ID,
      queueUrl: env.BERTH_QUEUE_URL,
      eventBus: env.BERTH_EVENT_BUS,
      webhook: url === undefined || secret === undefined ? undefined : { url, secret },
      secretsPrefix: env.BERTH_SECRETS_PREFIX,
      secretsByName: env.BERTH_SECRETS_BY_NAME,
      githubSecret: env.BERTH_GITHUB_SECRET,
      sources: env.BERTH_SOURCES,
      sessionSecret: env.BERTH_SESSION_SECRET,
      slackSecret: env.BERTH_SLACK_WEBHOOK_URL,
      notices: noticeSettingsOf(env),
      githubServer: githubServerOf(env),
      oidc: {
        issuer: env.BERTH_OIDC_ISSUER.replace(/\/+$/, ''),
        audience: env.BERTH_OIDC_AUDIENCE ?? new URL(env.BERTH_PUBLIC_URL).origin,
      },
      logLevel: env.BERTH_LOG_LEVEL,
      firstProject: env.BERTH_PROJECT,
      deployRoles: env.BERTH_DEPLOY_ROLES,
      limits: limitsOf(env),
      maxTaskCpuUnits: maxVcpus && maxVcpus * 1024,
      ecs: ecs && { ...ecs, installation },
      batch: batch && { ...batch, installation },
      eventRun: eventRunOf(env),
    }),
  );
}

/** Finds variables that require each other. */
function mistakesOf(env: Environment): readonly Mistake[] {
  const missing = missingPartners(env, [
    ...executorPairs,
    ['BERTH_WEBHOOK_URL', 'BERTH_WEBHOOK_SECRET'],
    ['BERTH_EVENT_PROJECT', 'BERTH_EVENT_REPO_URL'],
    ['BERTH_EVENT_PROJECT', 'BERTH_EVENT_COMMAND'],
  ]);
  const hasExecutor = env.ECS_CLUSTER_NAME !== undefined || env.BERTH_BATCH_JOB_QUEUE !== undefined;
  const nowhere = { path: 'ECS_CLUSTER_NAME', message: 'is missing, and so is BERTH_BATCH_JOB_QUEUE' };
  return hasExecutor ? missing : [...missing, nowhere];
}

function eventRunOf(env: Environment): AwsConfig['eventRun'] {
  const { BERTH_EVENT_PROJECT: project, BERTH_EVENT_REPO_URL: repoUrl, BERTH_EVENT_COMMAND: command } = env;
  if (project === undefined || repoUrl === undefined || command === undefined) return undefined;
  return {
    project,
    repoUrl,
    branch: env.BERTH_EVENT_BRANCH,
    command,
    cpuUnits: env.BERTH_EVENT_VCPU * 1024,
    memoryMib: env.BERTH_EVENT_MEMORY,
    timeoutSeconds: env.BERTH_EVENT_TIMEOUT_SECONDS,
  };
}

function mistakenFunction(mistakes: readonly Mistake[]): BerthError {
  const hint = 'docs/configuration-aws.md lists every variable.';
  return mistaken('The environment of this function', mistakes, hint);
}
