import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { repositoryPath } from '../model/checkout.ts';
import { concurrencyGroupPattern, maxConcurrency } from '../model/concurrency.ts';
import { rerunMistake } from '../model/rerun.ts';
import { type Schedule, scheduleMistake } from '../model/schedule.ts';
import {
  commandSchema,
  cpuSchema,
  durationSchema,
  envSchema,
  globsSchema,
  holdSchema,
  memorySchema,
  roleSchema,
  secretsSchema,
  shellPattern,
  stackUrlSchema,
} from './setting-values.ts';
import { cachesSchema } from './suite-cache.ts';
import { matrixSchema } from './suite-matrix.ts';
import { servicesSchema } from './suite-services.ts';

const scheduleSchema = z
  .strictObject({
    cron: z.string().max(200).meta({
      description: 'Minute, hour, day of the month, month, and day of the week. Example: 0 3 * * 1-5',
    }),
    timezone: z
      .string()
      .max(100)
      .optional()
      .meta({ description: 'The time zone of the times, such as Europe/Berlin. Default: UTC.' }),
    cleanStack: z
      .boolean()
      .optional()
      .meta({ description: 'Run on a separate stack, and not on that of the branch. Default: false.' }),
  })
  .superRefine(({ cron, timezone = 'UTC' }, context) => {
    const message = scheduleMistake({ cron, timezone });
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .transform(
    ({ cron, timezone = 'UTC', cleanStack }): Schedule => omitUndefined({ cron, timezone, cleanStack }),
  );

const schedulesSchema = z.array(scheduleSchema).max(10, 'at most 10 schedules');

const suiteStackSchema = z.union([
  z.boolean(),
  z.strictObject({
    hold: holdSchema.optional().meta({
      description: 'How long to hold the stack: until the pull request closes, or until the run ends.',
    }),
    url: stackUrlSchema.optional().meta({
      description: 'The URL of the deployed stack. {stack} is the name of the stack.',
    }),
    sharesStack: z.boolean().optional().meta({
      description:
        'Run in parallel with the other suites of the branch on its stack. Default: true. `exclusive` of the suite is the newer name of the opposite.',
    }),
  }),
]);

const checkoutSettingsSchema = z
  .strictObject({
    submodules: z
      .union([z.boolean(), z.literal('recursive')])
      .optional()
      .meta({ description: 'Fetch submodules; `recursive`: nested submodules too. Default: false.' }),
    lfs: z.boolean().optional().meta({ description: 'Fetch the content of Git LFS files. Default: false.' }),
    'fetch-depth': z
      .number()
      .int()
      .min(0)
      .max(1_000_000)
      .optional()
      .meta({ description: 'Commits of history; 0 for all, with all branches and tags. Default: 1.' }),
    tags: z.boolean().optional().meta({ description: 'Fetch tags. Default: false.' }),
    path: z
      .string()
      .regex(repositoryPath, 'a path within the repository')
      .optional()
      .meta({ description: 'The directory in which the commands run. Default: the root of the repository.' }),
  })
  .transform(({ 'fetch-depth': fetchDepth, ...checkout }) => omitUndefined({ ...checkout, fetchDepth }));

/** A command, or a command with options. */
export const teardownSchema = z
  .union([
    commandSchema,
    z.strictObject({
      command: commandSchema,
      onFailure: z.enum(['quarantine', 'release']).optional().meta({
        description:
          'What happens to the stack if the teardown fails: `quarantine` keeps it from every holder until a teardown succeeds or a person cleans it; `release` gives it to the next holder. Default: quarantine.',
      }),
      timeout: durationSchema
        .optional()
        .meta({ description: 'Time limit of the teardown. Default: that of the suite.' }),
      retries: z
        .number()
        .int()
        .min(0)
        .max(10)
        .optional()
        .meta({ description: 'How many times to retry a teardown that failed. Default: 3.' }),
    }),
  ])
  .transform((value) => {
    if (typeof value === 'string') return { teardown: value };
    const { command, onFailure, timeout, retries } = value;
    const options = omitUndefined({ onFailure, timeoutSeconds: timeout, retries });
    return { teardown: command, ...(Object.keys(options).length === 0 ? {} : { teardownOptions: options }) };
  });

export const suiteShape = {
  exclusive: z.boolean().optional().meta({
    description:
      'Whether the suite waits for the other suites of the branch on its stack, and they wait for it. Default: false.',
  }),
  setup: commandSchema
    .optional()
    .meta({ description: 'Runs before the command. If it fails, the run is errored.' }),
  teardown: teardownSchema.optional().meta({
    description: 'Runs on the stack, as a separate run, before anyone else gets the stack.',
  }),
  image: z
    .string()
    .max(500)
    .regex(
      /^(?:[A-Za-z0-9_]|\{matrix\.)[\w.:/@{}-]*$/,
      'the name of a container image, such as node:22, or of a task definition family',
    )
    .optional()
    .meta({ description: 'The container image, or the name of a task definition family.' }),
  cpu: cpuSchema.optional().meta({ description: 'vCPUs, 0.25 to 16. Default: 1.' }),
  memory: memorySchema
    .optional()
    .meta({ description: 'Memory in MiB, or a size such as 2GB. Default: 2048.' }),
  disk: z
    .number()
    .int()
    .min(21)
    .max(200)
    .optional()
    .meta({ description: 'Disk space in GiB, 21 to 200. Default: 20.' }),
  timeout: durationSchema
    .optional()
    .meta({ description: 'Time limit for setup and command together. Default: 30m.' }),
  env: envSchema
    .optional()
    .meta({ description: 'Environment variables. They are visible: do not put secrets here.' }),
  secrets: secretsSchema
    .optional()
    .meta({ description: 'Environment variables whose values Berth reads from SSM or Secrets Manager.' }),
  junit: globsSchema
    .optional()
    .meta({ description: 'Globs of the JUnit XML files that the command writes.' }),
  artifacts: globsSchema.optional().meta({ description: 'Globs of files to keep with the run.' }),
  cache: cachesSchema.optional().meta({
    description:
      'Files that a run saves and later runs start with: presets such as `npm`, or your own `key` and `paths`.',
  }),
  services: servicesSchema.optional().meta({
    description:
      'Containers that run next to the commands, such as a database, by host name. The commands reach them by this name and on localhost.',
  }),
  paths: globsSchema
    .optional()
    .meta({ description: 'Run only if a changed file matches. A leading ! excludes files.' }),
  'paths-ignore': globsSchema.optional().meta({ description: 'Do not run if all changed files match.' }),
  branches: globsSchema.optional().meta({
    description: 'Run only for these branches: the pushed branch, or the base of the pull request.',
  }),
  schedule: schedulesSchema.optional().meta({
    description:
      'Times at which the suite runs on the head commit of the default branch, even if the commit was tested. The settings of the default branch count.',
  }),
  drafts: z.boolean().optional().meta({ description: 'Test draft pull requests. Default: true.' }),
  role: roleSchema.optional(),
  taskRole: z.boolean().optional().meta({
    description:
      'On Fargate, let the commands use the role of the task. Never applies to pull requests from forks. Default: false.',
  }),
  stack: suiteStackSchema.optional().meta({ description: 'false if the suite needs no stack.' }),
  cancelSuperseded: z
    .boolean()
    .optional()
    .meta({ description: 'Cancel the run of an older commit when a newer commit arrives. Default: true.' }),
  checkout: checkoutSettingsSchema
    .optional()
    .meta({ description: 'What the checkout contains in addition to the files of the commit.' }),
  'working-directory': z
    .string()
    .regex(repositoryPath, 'a path within the repository')
    .optional()
    .meta({ description: 'The directory in which the commands run. Default: the root of the repository.' }),
  rerun: commandSchema
    .refine((command) => rerunMistake(command) === undefined, {
      error: ({ input }) => rerunMistake(String(input)) ?? 'not valid',
    })
    .optional()
    .meta({
      description:
        'Runs only failed tests, for retries: {tests} are their names, {files} their files. Example: npx jest {files}. Not necessary for tools that Berth knows, such as jest or pytest.',
    }),
  shell: z
    .string()
    .max(200)
    .regex(shellPattern, 'bash, sh, or a command with {0} for the file of the script, such as python3 {0}')
    .optional()
    .meta({
      description:
        'The shell of the commands: `bash`, `sh`, or a command in which {0} is the file of the script. Default: bash if it is installed, otherwise sh.',
    }),
  retry: z.number().int().min(0).max(5).optional().meta({
    description:
      'How many times to retry failed tests: only these tests where Berth can select them, otherwise the suite. Default: 0.',
  }),
};

/** Suite names that have another meaning in commands. */
const reservedSuiteNames = ['all', 'failed', 'settings'];

export const suiteName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 'letters, digits, ., -, and _, at most 50')
  .refine(
    (name) => !reservedSuiteNames.includes(name.toLowerCase()),
    'all, failed, and settings are reserved for commands',
  );

const concurrencyGroup = z
  .string()
  .regex(concurrencyGroupPattern, 'letters, digits, ., -, _, and /, at most 100');
const concurrencyLimit = z.number().int().min(1).max(maxConcurrency);

/** One name or several. */
const neededNames = z
  .union([suiteName, z.array(suiteName).max(50, 'at most 50 suites')])
  .transform((value) => (typeof value === 'string' ? [value] : value));

export const suiteSchema = z.strictObject({
  command: commandSchema.meta({ description: 'Runs the tests. Its exit code decides the result.' }),
  matrix: matrixSchema.optional().meta({
    description:
      'Runs the suite once for each combination of these variables, as a separate suite. {matrix.<name>} in command, setup, teardown, rerun, image, env, junit, artifacts, services, and working-directory is the value.',
  }),
  needs: neededNames.optional().meta({
    description:
      'A suite, or a list of suites, that must pass on the commit before this suite starts. If one of them fails, this suite does not run and its check fails. A suite that is not run for the change (`paths`, `branches`, `drafts`) counts as passed. A suite with a matrix stands for all combinations.',
  }),
  concurrency: z
    .union([
      concurrencyLimit,
      z.strictObject({
        group: concurrencyGroup.optional().meta({
          description: 'Suites with the same group share the limit. Default: the name of the suite.',
        }),
        limit: concurrencyLimit.optional().meta({ description: 'Default: 1.' }),
      }),
    ])
    .optional()
    .meta({
      description:
        'How many runs of this suite are active in the project at the same time, over all branches. Others wait, oldest first. A number, or `group` and `limit`. Default: no limit.',
    }),
  ...suiteShape,
});
/** The settings of a suite, with sizes and times converted to units. */
export type SuiteSettings = z.output<typeof suiteSchema>;
