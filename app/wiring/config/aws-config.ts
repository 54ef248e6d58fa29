import { z } from 'zod';
import type { BerthError } from '../../core/model/errors.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { awsResourceVariables, batchOf, ecsOf, executorPairs, missingPartners } from './aws-resources.ts';
import { artifactsUrlOf, githubServerOf, noticeSettingsOf } from './config.ts';
import { limitsOf, limitVariables } from './limits.ts';
import { type Mistake, mistaken, mistakesIn } from './mistakes.ts';
import { noticeVariables } from './notice-variables.ts';
import { httpUrl, integer, issuer, logLevel, optionalText, projectName } from './shared-schemas.ts';
import { environmentSchema } from './variables.ts';

const secretReference = z
  .string()
  .regex(/^(ssm:|secretsmanager:|arn:)/, 'must be ssm:<name>, secretsmanager:<name>, or the ARN of either');

/** Variables with the same meaning in the embedded mode. */
const { shape: shared } = environmentSchema;
/** Those of AWS, except what a server can do without and the functions cannot. */
const { AWS_REGION, BERTH_TABLE, BERTH_BUCKET, BERTH_SECRETS_PREFIX, ...resources } = awsResourceVariables;

/** Every variable that Berth's functions on AWS read. The Terraform module sets them. An empty variable counts as omitted. */
export const awsEnvironmentSchema = z.object({
  AWS_REGION: z.string().min(1).describe('Region. Lambda sets it.'),
  BERTH_PUBLIC_URL: httpUrl.describe('Address of the API. Links start with it.'),
  BERTH_ARTIFACTS_URL: z
    .url({ protocol: /^https$/ })
    .optional()
    .describe(
      'Address that artifacts open at in the browser: a second host name that leads to the same API. If omitted, artifacts can only be downloaded.',
    ),
  BERTH_TABLE: z.string().min(3).describe('DynamoDB table.'),
  BERTH_RUN_RETENTION_DAYS: integer(1)
    .optional()
    .describe('Days that the table keeps an ended run. If omitted, it keeps all runs.'),
  BERTH_RETENTION_RUNS: integer(1000)
    .optional()
    .describe('Runs of each project that the table keeps: the newest. If omitted, all.'),
  BERTH_BUCKET: z.string().min(3).describe('S3 bucket for jobs, results, reports and artifacts.'),
  BERTH_QUEUE_URL: z.url().describe('SQS queue between the functions.'),
  BERTH_EVENT_BUS: z.string().default('default').describe('EventBridge bus that Berth publishes events to.'),
  BERTH_WEBHOOK_URL: z
    .url()
    .optional()
    .describe('URL that receives events as signed webhooks, besides the bus.'),
  BERTH_WEBHOOK_SECRET: secretReference
    .optional()
    .describe('Secret that signs the webhooks of BERTH_WEBHOOK_URL.'),
  BERTH_SLACK_WEBHOOK_URL: secretReference
    .optional()
    .describe(
      'Secret with the incoming webhook of Slack, or of a compatible service, that receives messages.',
    ),
  ...noticeVariables,
  ...limitVariables,
  BERTH_SECRETS_PREFIX: BERTH_SECRETS_PREFIX.unwrap()
    .default('/berth/secrets/')
    .describe(
      'Prefix of the secrets of suites: <prefix>repository.<ID>/, <prefix><owner>/<repository>/, and <prefix>shared/.',
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
  BERTH_OIDC_ISSUER: issuer.describe('Issuer of the OIDC tokens of GitHub Actions.'),
  BERTH_OIDC_AUDIENCE: shared.BERTH_OIDC_AUDIENCE,
  BERTH_LOG_LEVEL: logLevel.default('info').describe('Level of the JSON log.'),
  BERTH_PROJECT: projectName.default('default').describe('Name of the project that the first setup creates.'),
  BERTH_EVENT_PROJECT: optionalText.describe('Project of event-driven runs (eventDrivenTest).'),
  BERTH_EVENT_REPO_URL: optionalText.describe('Repository of event-driven runs.'),
  BERTH_EVENT_BRANCH: z.string().default('main').describe('Branch of event-driven runs.'),
  BERTH_EVENT_COMMAND: optionalText.describe(
    'Command of event-driven runs. If omitted, Berth refuses such runs.',
  ),
  BERTH_EVENT_VCPU: z.coerce.number().min(0.25).max(16).default(0.5).describe('vCPUs of event-driven runs.'),
  BERTH_EVENT_MEMORY: integer(512, 122_880).default(1024).describe('Memory of event-driven runs in MiB.'),
  BERTH_EVENT_TIMEOUT_SECONDS: integer(1)
    .default(300)
    .describe('Time limit of event-driven runs in seconds.'),
  ...resources,
});

/** Configuration of Berth's functions, from their environment. */
export type AwsConfig = ReturnType<typeof parseAwsConfig>;

type Environment = z.output<typeof awsEnvironmentSchema>;

/**
 * Parses the environment of a function into its configuration.
 *
 * @throws BerthError `config_invalid` with all mistakes, and without values.
 */
export function parseAwsConfig(environment: Readonly<Record<string, string | undefined>>) {
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
      /** Where tasks reach this API. */
      taskUrl: (env.BERTH_TASK_URL ?? env.BERTH_PUBLIC_URL).replace(/\/+$/, ''),
      /** Where artifacts open in the browser. */
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
      /** Reference to the secret with the incoming webhook of Slack. */
      slackSecret: env.BERTH_SLACK_WEBHOOK_URL,
      notices: noticeSettingsOf(env),
      githubServer: githubServerOf(env),
      oidc: {
        issuer: env.BERTH_OIDC_ISSUER.replace(/\/+$/, ''),
        audience: env.BERTH_OIDC_AUDIENCE ?? new URL(env.BERTH_PUBLIC_URL).origin,
      },
      logLevel: env.BERTH_LOG_LEVEL,
      firstProject: env.BERTH_PROJECT,
      /** Patterns of the ARNs of roles that runs may use. */
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

function eventRunOf(env: Environment) {
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
