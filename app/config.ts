import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parse } from 'dotenv';
import { z } from 'zod';
import { BerthError } from './domain/errors.ts';

/** `true`, `1`, `yes`, `on` and their opposites; anything else is a mistake and not a no. */
const flag = z.stringbool();
const port = z.coerce.number().int().min(0).max(65_535);

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
  BERTH_ALLOW_FILE_URLS: flag
    .prefault('false')
    .describe('Whether repositories of this machine may be run by file: URLs.'),
  BERTH_ALLOW_PRIVATE_HOSTS: flag
    .prefault('true')
    .describe('Whether loopback and private addresses may be cloned from. Metadata addresses never may.'),
  BERTH_LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('warn')
    .describe('What is logged to stderr, as JSON.'),
  PATH: z
    .string()
    .default('/usr/local/bin:/usr/bin:/bin')
    .describe('Where tasks of the process executor find git and tools.'),
});

/** What Berth is told by its environment: read once, and never changed. */
export interface Config {
  readonly port: number;
  readonly host: string;
  readonly dataDir: string;
  readonly publicUrl?: string;
  readonly firstApiKey?: string;
  readonly firstProject: string;
  readonly executor: 'auto' | 'process' | 'docker';
  readonly runnerImage: string;
  readonly allowFileUrls: boolean;
  readonly allowPrivateHosts: boolean;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  readonly path: string;
}

/**
 * Turns an environment into a configuration.
 *
 * @throws BerthError `config_invalid` with every mistake at once, never with a value: it may be a secret.
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const given = Object.entries(environment).filter(([, value]) => value !== undefined && value !== '');
  const parsed = environmentSchema.safeParse(Object.fromEntries(given), { reportInput: false });
  if (!parsed.success) {
    const details = parsed.error.issues.map((issue) => ({
      path: issue.path.join('.'),
      message: issue.message,
    }));
    const lines = details.map(({ path, message }) => `  ${path}: ${message}`).join('\n');
    throw new BerthError('config_invalid', `The environment of Berth has mistakes:\n${lines}`, {
      details,
      hint: 'docs/configuration.md lists every variable.',
    });
  }
  const env = parsed.data;
  return Object.freeze({
    port: env.PORT,
    host: env.HOST,
    dataDir: resolve(env.BERTH_DATA_DIR),
    ...(env.BERTH_PUBLIC_URL === undefined ? {} : { publicUrl: env.BERTH_PUBLIC_URL.replace(/\/+$/, '') }),
    ...(env.BERTH_API_KEY === undefined ? {} : { firstApiKey: env.BERTH_API_KEY }),
    firstProject: env.BERTH_PROJECT,
    executor: env.BERTH_EXECUTOR,
    runnerImage: env.BERTH_RUNNER_IMAGE,
    allowFileUrls: env.BERTH_ALLOW_FILE_URLS,
    allowPrivateHosts: env.BERTH_ALLOW_PRIVATE_HOSTS,
    logLevel: env.BERTH_LOG_LEVEL,
    path: env.PATH,
  });
}

/**
 * The environment of this process over what `.env` in the working directory says.
 *
 * @throws BerthError `config_invalid`.
 */
export function readConfig(changes: Readonly<Record<string, string>> = {}): Config {
  // The SDK is pinned to versions that run on the Node that Berth supports; its users need not be told at every start.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
  const file = existsSync('.env') ? parse(readFileSync('.env')) : {};
  return parseConfig({ ...file, ...process.env, ...changes });
}
