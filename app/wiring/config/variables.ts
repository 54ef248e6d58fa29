import ipaddr from 'ipaddr.js';
import { z } from 'zod';

/** `true`, `1`, `yes`, `on` and their opposites; anything else is a mistake and not a no. */
const flag = z.stringbool();
const appIdRule = 'has to be the number of the App, as its page on GitHub shows it';
const portRule = 'has to be a whole number from 0 to 65535';
const port = z.coerce
  .number({ error: portRule })
  .int({ error: portRule })
  .min(0, portRule)
  .max(65_535, portRule);

const isNetwork = (text: string): boolean => ipaddr.isValid(text) || ipaddr.isValidCIDR(text);

/** Every variable that Berth reads, with what it is for. An empty one counts as absent. */
export const environmentSchema = z.object({
  PORT: port.default(3000).describe('Port to listen on; 0 takes a free one.'),
  HOST: z.string().default('127.0.0.1').describe('Address to listen on. Beyond loopback, put TLS in front.'),
  BERTH_DATA_DIR: z
    .string()
    .default('.berth')
    .describe('Directory of the embedded mode: database, logs, reports.'),
  BERTH_PUBLIC_URL: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where people reach this server; links begin with it.'),
  BERTH_API_KEY: z
    .string()
    .min(20, 'has to have 20 characters or more: a key that can be guessed is none')
    .max(200)
    .regex(/^[\x21-\x7e]+$/, 'may hold printable ASCII characters without spaces alone')
    .optional()
    .describe('The first API key, read at the first start alone; absent: one is made and printed once.'),
  BERTH_PROJECT: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/, 'has to be letters, digits, - and _')
    .default('default')
    .describe('Name of the project that the first start creates.'),
  BERTH_EXECUTOR: z
    .enum(['auto', 'process', 'docker'])
    .default('auto')
    .describe(
      'What runs the tests; auto: docker where an engine answers and the image exists, else process.',
    ),
  BERTH_RUNNER_IMAGE: z
    .string()
    .min(1)
    .default('berth-runner:local')
    .describe('Image of the docker executor.'),
  DOCKER_HOST: z
    .string()
    .optional()
    .describe(
      'Address of the Docker engine, as the docker command reads it; absent: the usual places are tried.',
    ),
  BERTH_DOCKER_NETWORK: z
    .enum(['bridge', 'none'])
    .default('bridge')
    .describe('What tasks of the docker executor reach: a network of their own with a way out, or nothing.'),
  BERTH_DOCKER_READONLY: flag
    .prefault('false')
    .describe('Whether tasks of the docker executor can write to /tmp alone.'),
  BERTH_TASK_DISK_GIB: z.coerce
    .number()
    .positive()
    .max(16_384)
    .default(20)
    .describe('What a task may write, with its log, where its suite does not say `disk`, in GiB.'),
  BERTH_MAX_TASKS: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Tasks that may run at once, of all projects; further runs stay queued. Absent: any number.'),
  BERTH_ALLOW_FILE_URLS: flag
    .prefault('false')
    .describe('Whether repositories of this machine may be run by file: URLs.'),
  BERTH_ALLOW_PRIVATE_HOSTS: flag
    .prefault('true')
    .describe('Whether loopback and private addresses may be cloned from. Metadata addresses never may.'),
  BERTH_TRUSTED_PROXIES: z
    .string()
    .default('127.0.0.0/8,::1')
    .transform((text) => text.split(',').map((one) => one.trim()))
    .refine((all) => all.every(isNetwork), 'has to be addresses and ranges such as 10.0.0.0/8, with commas')
    .describe(
      'Proxies in front, whose `X-Forwarded-For` says where a request came from, for counting failed sign-ins.',
    ),
  BERTH_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('What is logged to stderr, as JSON.'),
  APP_ID: z.coerce
    .number({ error: appIdRule })
    .int({ error: appIdRule })
    .positive(appIdRule)
    .optional()
    .describe('Number of the GitHub App; absent: the App that the setup page created, or none.'),
  PRIVATE_KEY: z
    .string()
    .optional()
    .describe('Private key of the App: PEM, or its base64, or PEM with `\\n` for the ends of lines.'),
  PRIVATE_KEY_PATH: z.string().optional().describe('File that holds the private key, instead.'),
  WEBHOOK_SECRET: z
    .string()
    .min(8, 'has to have 8 characters or more: who knows it can send webhooks')
    .optional()
    .describe('Webhook secret of the App. Without one Berth does not start the App.'),
  GITHUB_CLIENT_ID: z
    .string()
    .regex(/^[\w.-]{1,100}$/, 'has to be the client id of the App')
    .optional()
    .describe('Client id of the App: with its secret people sign in to the dashboard with GitHub.'),
  GITHUB_CLIENT_SECRET: z.string().min(20).max(200).optional().describe('Client secret of the App.'),
  GHE_HOST: z.string().optional().describe('Host of GitHub Enterprise Server; absent: github.com.'),
  GHE_PROTOCOL: z.enum(['https', 'http']).default('https').describe('Protocol of GitHub Enterprise Server.'),
  GH_ORG: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,100}$/, 'has to be the name of an organisation')
    .optional()
    .describe(
      'Organisation that owns the App which the setup page creates; absent: whoever presses the button.',
    ),
  BERTH_OIDC_ISSUER: z
    .url({ protocol: /^https?$/ })
    .default('https://token.actions.githubusercontent.com')
    .describe(
      'Who signs the OIDC tokens of GitHub Actions; on GitHub Enterprise Server https://HOST/_services/token.',
    ),
  BERTH_OIDC_AUDIENCE: z
    .string()
    .min(1)
    .optional()
    .describe('What those tokens have to be meant for; absent: the origin of BERTH_PUBLIC_URL.'),
  HOME: z.string().default('/').describe('Where rootless Docker engines keep their socket.'),
  PATH: z
    .string()
    .default('/usr/local/bin:/usr/bin:/bin')
    .describe('Where tasks of the process executor find git and tools.'),
});
