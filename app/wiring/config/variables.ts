import ipaddr from 'ipaddr.js';
import { z } from 'zod';
import { forgetVariable } from '../../../runner-image/src/process/forget-variable.ts';
import { awsResourceVariables } from './aws-resources.ts';
import { limitVariables } from './limits.ts';
import { noticeVariables } from './notice-variables.ts';
import { flag, httpUrl, integer, issuer, logLevel, optionalText, projectName } from './shared-schemas.ts';

const appIdRule = "must be the App ID, the number on the App's page on GitHub";
const portRule = 'must be an integer from 0 to 65535';
const port = z.coerce
  .number({ error: portRule })
  .int({ error: portRule })
  .min(0, portRule)
  .max(65_535, portRule);

const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** Every variable that Berth reads, with its description. An empty variable counts as not set. */
export const environmentSchema = z.object({
  PORT: port.default(3000).describe('Port to listen on. 0 selects a free port.'),
  HOST: z
    .string()
    .default('127.0.0.1')
    .describe('Address to listen on. For addresses other than loopback, put a TLS proxy in front.'),
  BERTH_DATA_DIR: z
    .string()
    .default('.berth')
    .describe('Data directory of the server: database, logs, reports.'),
  BERTH_CACHE_DIR: optionalText.describe(
    'Directory of the caches of suites. If omitted, they are in the data directory. `berth run --local` uses `~/.cache/berth/caches`.',
  ),
  BERTH_PUBLIC_URL: httpUrl.optional().describe('Public address of this server. Links start with it.'),
  BERTH_ARTIFACTS_URL: httpUrl
    .optional()
    .describe(
      'Address that artifacts open at in the browser. Its host name must differ from that of BERTH_PUBLIC_URL, and it must lead to this server. If omitted, artifacts open on loopback only, by BERTH_ARTIFACTS_PORT.',
    ),
  BERTH_ARTIFACTS_PORT: port
    .optional()
    .describe(
      'Second port on loopback, for artifacts in the browser. 0 selects a free port. If omitted, the port after PORT, or a free one if it is in use.',
    ),
  BERTH_API_KEY: z
    .string()
    .min(20, 'must be at least 20 characters')
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'must contain only printable ASCII characters without spaces')
    .optional()
    .describe(
      'The first API key. Read only at the first start. If omitted, Berth creates one and prints it once.',
    ),
  BERTH_DATA_KEY: z
    .string()
    .min(32, 'must be at least 32 characters')
    .optional()
    .describe(
      'Encrypts the keys in the data directory (`objects.key`, `github-app.json`). If omitted, only file permissions protect them.',
    ),
  BERTH_PROJECT: projectName.default('default').describe('Name of the project that the first start creates.'),
  BERTH_EXECUTOR: z
    .enum(['auto', 'process', 'docker', 'fargate', 'batch'])
    .default('auto')
    .describe(
      'Executor of tests. `auto` selects Fargate or Batch if ECS_CLUSTER_NAME or BERTH_BATCH_JOB_QUEUE is set, docker if an engine responds and the image exists, otherwise process.',
    ),
  BERTH_RUNNER_IMAGE: z
    .string()
    .min(1)
    .default('berth-runner:local')
    .describe('Image of the docker executor.'),
  DOCKER_HOST: optionalText.describe(
    'Address of the Docker engine, as for the docker command. If omitted, Berth tries the usual sockets.',
  ),
  BERTH_DOCKER_NETWORK: z
    .enum(['bridge', 'none'])
    .default('bridge')
    .describe(
      'Network of docker tasks: `bridge` is a separate network with internet access, `none` disables the network.',
    ),
  BERTH_DOCKER_READONLY: flag.prefault('false').describe('Whether docker tasks can write only to /tmp.'),
  BERTH_TASK_DISK_GIB: z.coerce
    .number()
    .positive()
    .max(16_384)
    .optional()
    .describe(
      'Disk limit of a task, including its log, in GiB. `disk` of a suite overrides it. If omitted, half of what is free at the start, from 1 to 20.',
    ),
  BERTH_RETENTION_DAYS: integer(0)
    .default(90)
    .describe(
      'How many days Berth keeps ended runs, with their logs, reports and artifacts. 0 keeps them forever. `berth prune` deletes them earlier.',
    ),
  BERTH_RETENTION_RUNS: z.coerce
    .number()
    .int()
    .refine((runs) => runs === 0 || runs >= 1000, 'must be 0, or 1000 and more')
    .default(0)
    .describe(
      'How many runs of each project Berth keeps: the newest. 0 keeps all that BERTH_RETENTION_DAYS keeps. `berth prune` keeps fewer.',
    ),
  BERTH_TASK_ENV: z
    .enum(['clean', 'user'])
    .default('clean')
    .describe(
      'Environment of process tasks. `clean` passes only the variables of the system, proxies, and certificates. `user` passes everything except the variables of Berth; `berth run --local` uses it.',
    ),
  BERTH_PASS_ENV: optionalText.describe(
    'More variables that process tasks receive: names separated by commas. A `*` at the end matches any end.',
  ),
  ...limitVariables,
  BERTH_ALLOW_FILE_URLS: flag
    .prefault('false')
    .describe('Whether `file:` URLs of repositories on this machine are allowed.'),
  BERTH_ALLOW_PRIVATE_HOSTS: flag
    .prefault('true')
    .describe(
      'Whether cloning from loopback and private addresses is allowed. Metadata addresses are never allowed.',
    ),
  BERTH_TRUSTED_PROXIES: z
    .string()
    .default('127.0.0.0/8,::1')
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every(isNetwork), 'must be comma-separated addresses and ranges such as 10.0.0.0/8')
    .describe(
      'Proxies whose `X-Forwarded-For` header Berth trusts when it counts failed sign-ins by address.',
    ),
  BERTH_LOG_LEVEL: logLevel.default('warn').describe('Log level of the JSON log on stderr.'),
  APP_ID: z.coerce
    .number({ error: appIdRule })
    .int({ error: appIdRule })
    .positive(appIdRule)
    .optional()
    .describe('ID of the GitHub App. If omitted, Berth uses the App that the setup page created, if any.'),
  PRIVATE_KEY: optionalText.describe(
    'Private key of the App: PEM, base64-encoded PEM, or PEM with `\\n` as line breaks; quotes and indentation do not matter.',
  ),
  PRIVATE_KEY_PATH: optionalText.describe('File with the private key, instead of `PRIVATE_KEY`.'),
  WEBHOOK_SECRET: z
    .string()
    .min(8, 'must be at least 8 characters')
    .optional()
    .describe('Webhook secret of the App. Berth does not start the App without it.'),
  GITHUB_CLIENT_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'must be the client ID of the App')
    .optional()
    .describe('Client ID of the App. With its secret, people can sign in to the dashboard with GitHub.'),
  GITHUB_CLIENT_SECRET: z.string().min(20).max(200).optional().describe('Client secret of the App.'),
  GHE_HOST: optionalText.describe(
    'Host of GitHub Enterprise Server, or `<tenant>.ghe.com`; with or without a scheme. If omitted, github.com.',
  ),
  GHE_PROTOCOL: z.enum(['https', 'http']).default('https').describe('Protocol of GitHub Enterprise Server.'),
  BERTH_PULL_REQUEST_COMMENTS: flag
    .prefault('true')
    .describe(
      'Whether Berth keeps a comment with the stack and the results in each pull request. A repository turns it off with `comment: false`.',
    ),
  GH_ORG: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'must be the name of an organization')
    .optional()
    .describe(
      'Organization that owns the App that the setup page creates. If omitted, the user who creates it.',
    ),
  BERTH_WEBHOOK_URL: httpUrl
    .optional()
    .describe('URL that receives events as signed webhooks. docs/notifications.md describes them.'),
  BERTH_WEBHOOK_SECRET: z
    .string()
    .min(16, 'must be at least 16 characters')
    .optional()
    .describe('Secret that signs the webhooks of BERTH_WEBHOOK_URL.'),
  BERTH_SLACK_WEBHOOK_URL: httpUrl
    .optional()
    .describe('Incoming webhook of Slack, or of a compatible service, that receives messages.'),
  ...noticeVariables,
  BERTH_OIDC_ISSUER: issuer.describe(
    'Issuer of the OIDC tokens of GitHub Actions. On GitHub Enterprise Server, https://HOST/_services/token.',
  ),
  BERTH_OIDC_AUDIENCE: z
    .string()
    .min(1)
    .optional()
    .describe('Audience of the OIDC tokens of GitHub Actions. If omitted, the origin of BERTH_PUBLIC_URL.'),
  ...awsResourceVariables,
  HOME: z.string().default('/').describe('Home directory, where rootless Docker engines keep their socket.'),
  PATH: z
    .string()
    .default('/usr/local/bin:/usr/bin:/bin')
    .describe('Search path for git and tools of process tasks.'),
});

/** Variables that the environment of a running server does not keep. */
const secretVariables = [
  'BERTH_API_KEY',
  'BERTH_DATA_KEY',
  'PRIVATE_KEY',
  'WEBHOOK_SECRET',
  'BERTH_WEBHOOK_SECRET',
  'BERTH_SLACK_WEBHOOK_URL',
  'GITHUB_CLIENT_SECRET',
] as const satisfies readonly (keyof typeof environmentSchema.shape)[];

/**
 * Variables for a server with one purpose: settings of the environment for other servers, such as a GitHub App or a public
 * address, are ignored.
 *
 * @param keep variables that it takes from the environment.
 * @returns an empty value for each of the others, to replace the environment.
 */
export function isolatedEnvironment(keep: readonly string[]): Readonly<Record<string, string>> {
  const names = Object.keys(environmentSchema.shape).filter((name) => !keep.includes(name));
  return Object.fromEntries(names.map((name) => [name, '']));
}

/** Removes the secrets of the server from this process: tests that run as processes of this machine could read them in /proc. */
export function forgetSecrets(): void {
  for (const name of secretVariables) forgetVariable(process.env, name);
}
