import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'dotenv';
import type { z } from 'zod';
import type { AppClient, AppCredentials } from '../../core/model/app-manifest.ts';
import type { BerthError } from '../../core/model/errors.ts';
import { taskEnvironment } from '../../core/model/task-environment.ts';
import type { NoticeSettings } from '../../core/results/notices.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { EventTargets } from '../assemble-events.ts';
import { missingPartners } from './aws-resources.ts';
import { githubAddresses } from './github-server.ts';
import { limitsOf } from './limits.ts';
import { type Mistake, mistaken, mistakesIn } from './mistakes.ts';
import { passedSecrets } from './own-secrets.ts';
import { readPrivateKey } from './private-key.ts';
import { mistakesOnAws, serverAwsOf } from './server-aws.ts';
import { environmentSchema } from './variables.ts';

/** The configuration of a server: read at the start, never changed. */
export type Config = ReturnType<typeof parseConfig>;

/** Where GitHub is. */
export interface GithubServer {
  readonly apiUrl: string;
  /** The base URL of repositories, for people and for git. */
  readonly webUrl: string;
  /** Whether Berth comments in pull requests. */
  readonly pullComments?: boolean;
  /** The owner of an App that the setup page creates. */
  readonly organization?: string;
}

/** The GitHub App, as it signs in. */
export interface GithubConfig extends GithubServer {
  readonly appId: number;
  /** PEM. */
  readonly privateKey: string;
  readonly webhookSecret: string;
  /** If omitted, people cannot sign in with GitHub. */
  readonly client?: AppClient;
}

/**
 * Turns an environment into a configuration.
 *
 * @throws BerthError `config_invalid` with all mistakes together, never with a value: it may be a secret.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>) {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  const parsed = environmentSchema.safeParse(Object.fromEntries(given), { reportInput: false });
  if (!parsed.success) {
    throw mistakenServer(mistakesIn(parsed.error));
  }
  const env = parsed.data;
  const isSet = new Set(given.map(([name]) => name));
  const onAws = mistakesOnAws(env, isSet);
  if (onAws.length > 0) throw mistakenServer(onAws);
  const github = githubOf(env);
  const githubClient = clientOf(env);
  const aws = serverAwsOf(env);
  const passed = passedSecrets(environment, {
    hasApp: github !== undefined || githubClient !== undefined,
    usesAws: aws !== undefined,
    taskEnv: env.BERTH_TASK_ENV,
  });
  if (passed.length > 0) throw mistakenServer(passed);
  return Object.freeze(
    omitUndefined({
      port: env.PORT,
      host: env.HOST,
      dataDir: resolve(env.BERTH_DATA_DIR),
      /** Directory of the caches of suites. If omitted, in the data directory. */
      cacheDir: env.BERTH_CACHE_DIR === undefined ? undefined : resolve(env.BERTH_CACHE_DIR),
      publicUrl: env.BERTH_PUBLIC_URL === undefined ? undefined : env.BERTH_PUBLIC_URL.replace(/\/+$/, ''),
      /** Where artifacts open in the browser. */
      artifactsUrl: artifactsUrlOf(env),
      /** Second port on loopback for them. */
      artifactsPort: env.BERTH_ARTIFACTS_PORT,
      firstApiKey: env.BERTH_API_KEY,
      /** Encrypts the keys in the data directory. */
      dataKey: env.BERTH_DATA_KEY,
      firstProject: env.BERTH_PROJECT,
      /** Executor of this machine, for a server without `aws.ecs` and `aws.batch`. */
      executor:
        env.BERTH_EXECUTOR === 'fargate' || env.BERTH_EXECUTOR === 'batch' ? 'auto' : env.BERTH_EXECUTOR,
      runnerImage: env.BERTH_RUNNER_IMAGE,
      dockerNetwork: env.BERTH_DOCKER_NETWORK,
      dockerReadonly: env.BERTH_DOCKER_READONLY,
      /** If omitted, it follows from the free space. */
      taskDiskGib: env.BERTH_TASK_DISK_GIB,
      /** How many runs of each project are kept. If omitted, all. */
      retentionRuns: env.BERTH_RETENTION_RUNS === 0 ? undefined : env.BERTH_RETENTION_RUNS,
      /** If omitted, runs are kept forever. */
      retentionDays: env.BERTH_RETENTION_DAYS === 0 ? undefined : env.BERTH_RETENTION_DAYS,
      limits: limitsOf(env),
      dockerHost: env.DOCKER_HOST,
      homeDir: env.HOME,
      /** Files with secrets of the server: `.env`, the private key of the App. */
      secretFiles: ['.env', ...(env.PRIVATE_KEY_PATH === undefined ? [] : [env.PRIVATE_KEY_PATH])].map(
        (file) => resolve(file),
      ),
      allowFileUrls: env.BERTH_ALLOW_FILE_URLS,
      allowPrivateHosts: env.BERTH_ALLOW_PRIVATE_HOSTS,
      /** Addresses, and ranges of them. */
      trustedProxies: env.BERTH_TRUSTED_PROXIES,
      logLevel: env.BERTH_LOG_LEVEL,
      path: env.PATH,
      /** The part of this environment that process tasks get. */
      taskEnv: { PATH: env.PATH, ...taskEnvironment(environment, env.BERTH_TASK_ENV) },
      oidc: omitUndefined({
        issuer: env.BERTH_OIDC_ISSUER.replace(/\/+$/, ''),
        /** If omitted, the origin of the public URL. */
        audience: env.BERTH_OIDC_AUDIENCE,
      }),
      eventTargets: eventTargetsOf(env),
      githubServer: githubServerOf(env),
      /** If omitted, the App that the setup page stored in the data directory, if any. */
      github,
      /** Takes precedence over the client of an App that the setup page created. */
      githubClient,
      /** The parts of AWS that the server uses. If omitted, none. */
      aws,
    }),
  );
}

/** Cookies do not distinguish ports, so the session would be sent along to another port of the same host. */
export function artifactsUrlOf({
  BERTH_ARTIFACTS_URL: url,
  BERTH_PUBLIC_URL: publicUrl,
}: {
  readonly BERTH_ARTIFACTS_URL?: string | undefined;
  readonly BERTH_PUBLIC_URL?: string | undefined;
}): string | undefined {
  if (url === undefined) return undefined;
  if (publicUrl !== undefined && new URL(url).hostname === new URL(publicUrl).hostname) {
    throw mistakenServer([
      {
        path: 'BERTH_ARTIFACTS_URL',
        message: 'must have another host name than BERTH_PUBLIC_URL: cookies do not distinguish ports',
      },
    ]);
  }
  return url;
}

function mistakenServer(mistakes: readonly Mistake[]): BerthError {
  return mistaken('The configuration of Berth', mistakes, 'docs/configuration.md lists every variable.');
}

/** github.com, a tenant of ghe.com, or a GitHub Enterprise Server. */
export function githubServerOf(env: {
  readonly GH_ORG?: string | undefined;
  readonly GHE_HOST?: string | undefined;
  readonly GHE_PROTOCOL: string;
  readonly BERTH_PULL_REQUEST_COMMENTS: boolean;
}): GithubServer {
  const organization = env.GH_ORG === undefined ? {} : { organization: env.GH_ORG };
  const addresses = githubAddresses(env.GHE_HOST, env.GHE_PROTOCOL);
  return { ...addresses, pullComments: env.BERTH_PULL_REQUEST_COMMENTS, ...organization };
}

function eventTargetsOf(env: z.output<typeof environmentSchema>): EventTargets {
  const { BERTH_WEBHOOK_URL: url, BERTH_WEBHOOK_SECRET: secret } = env;
  const mistakes = missingPartners(env, [['BERTH_WEBHOOK_URL', 'BERTH_WEBHOOK_SECRET']] as const);
  if (mistakes.length > 0) throw mistakenServer(mistakes);
  return omitUndefined({
    webhook: url === undefined || secret === undefined ? undefined : { url, secret },
    slackUrl: env.BERTH_SLACK_WEBHOOK_URL,
    notices: noticeSettingsOf(env),
  });
}

/** Reads the subjects of messages. */
export function noticeSettingsOf(env: {
  readonly BERTH_NOTIFY_BRANCHES?: readonly string[] | undefined;
}): NoticeSettings {
  return omitUndefined({ branches: env.BERTH_NOTIFY_BRANCHES });
}

function githubOf(env: z.output<typeof environmentSchema>): GithubConfig | undefined {
  const { APP_ID: appId, WEBHOOK_SECRET: webhookSecret, PRIVATE_KEY, PRIVATE_KEY_PATH } = env;
  if (appId === undefined) return undefined;
  const mistakes: { path: string; message: string }[] = [];
  if (webhookSecret === undefined) {
    mistakes.push({ path: 'WEBHOOK_SECRET', message: 'is missing. Without it anyone could send webhooks' });
  }
  const key = readPrivateKey({ PRIVATE_KEY, PRIVATE_KEY_PATH });
  if (!key.ok) mistakes.push({ path: 'PRIVATE_KEY', message: key.reason });
  if (webhookSecret === undefined || !key.ok) throw mistakenServer(mistakes);
  return { appId, privateKey: key.privateKey, webhookSecret, ...githubServerOf(env) };
}

/** Returns the App of the environment, or the one that the setup page created; undefined if there is no App. */
export function githubAppOf(config: Config, created: AppCredentials | undefined): GithubConfig | undefined {
  const app = config.github ?? (created && { ...created, ...config.githubServer });
  return app === undefined || config.githubClient === undefined
    ? app
    : { ...app, client: config.githubClient };
}

function clientOf(env: z.output<typeof environmentSchema>): AppClient | undefined {
  const { GITHUB_CLIENT_ID: id, GITHUB_CLIENT_SECRET: secret } = env;
  if (id !== undefined && secret !== undefined) return { id, secret };
  if (id === undefined && secret === undefined) return undefined;
  const path = id === undefined ? 'GITHUB_CLIENT_ID' : 'GITHUB_CLIENT_SECRET';
  throw mistakenServer([
    { path, message: 'is missing: both GITHUB_CLIENT_ID and GITHUB_CLIENT_SECRET are required' },
  ]);
}

/** The environment of this process, on top of `.env` in the working directory. */
export function readEnvironment(): Readonly<Record<string, string | undefined>> {
  // The SDK is pinned to versions that run on the Node versions that Berth supports, so the warning is noise.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const file = existsSync('.env') ? parse(readFileSync('.env')) : {};
  return { ...file, ...process.env };
}

/**
 * Reads the configuration from the environment.
 *
 * @param changes variables that replace those of the environment.
 * @throws BerthError `config_invalid`.
 */
export function readConfig(changes: Readonly<Record<string, string>> = {}): Config {
  const environment = { ...readEnvironment(), ...changes };
  const config = parseConfig(environment);
  if (config.aws !== undefined) shareWithSdk(environment);
  return config;
}

/** The SDK finds credentials and endpoints in the environment of the process, and does not read `.env`. */
function shareWithSdk(environment: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(environment)) {
    if (name.startsWith('AWS_') && value !== undefined && value !== '') process.env[name] ??= value;
  }
}
