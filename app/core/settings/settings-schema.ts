import { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { repositoryPath } from '../model/checkout.ts';
import { projectSettingsSchema } from '../model/project.ts';
import { refuseCostly } from '../model/refuse-costly-globs.ts';
import { shellPattern } from '../model/shell.ts';
import { stackUrlPattern } from '../model/stack-deploy.ts';
import { combinationName, combinationsOf, matrixSchema, usedVariables } from './suite-matrix.ts';

/**
 * The schema of `.github/berth.yml`. Editors show its descriptions (`npm run schema` generates docs/berth.schema.json),
 * and docs/settings.md explains every key.
 */

const seconds = { s: 1, m: 60, h: 3600 } as const;

/** `90s`, `10m`, `1h30m`, or a number of seconds. */
const durationSchema = z
  .union([
    z.number().int().positive(),
    z.string().regex(/^(\d{1,6}h)?(\d{1,6}m)?(\d{1,6}s)?$/, 'a duration such as 90s, 10m or 1h30m'),
  ])
  .transform((value, context) => {
    const total = typeof value === 'number' ? value : secondsOf(value);
    if (total < 1 || total > 86_400) {
      context.addIssue({ code: 'custom', message: 'a duration between 1s and 24h' });
      return z.NEVER;
    }
    return total;
  });

function secondsOf(text: string): number {
  return [...text.matchAll(/(\d+)([hms])/g)].reduce(
    // The pattern matches only the three letters that are keys of `seconds`.
    (total, [, count, unit]) => total + Number(count) * seconds[unit as keyof typeof seconds],
    0,
  );
}

/** `512MB`, `2GB`, or a number of MiB. */
const memorySchema = z
  .union([
    z.number().int().positive(),
    z.string().regex(/^\d{1,6} ?(MB|MiB|GB|GiB)$/, 'a size such as 512MB or 2GB'),
  ])
  .transform((value, context) => {
    const mib = typeof value === 'number' ? value : parseInt(value, 10) * (/G/.test(value) ? 1024 : 1);
    if (mib < 128 || mib > 122_880) {
      context.addIssue({ code: 'custom', message: 'a size between 128MB and 120GB' });
      return z.NEVER;
    }
    return mib;
  });

const cpuSchema = z
  .number()
  .min(0.25)
  .max(16)
  .transform((vcpus) => Math.round(vcpus * 1024));

const envName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'letters, digits, and _, not starting with a digit');
const envSchema = z.record(
  envName,
  z.union([z.string().max(32_768), z.number(), z.boolean()]).transform((value) => String(value)),
);

const secretsSchema = z.record(
  envName,
  z
    .string()
    .regex(
      /^(ssm:[\w./-]{1,1011}|secretsmanager:[\w/+=.@:-]{1,512}|arn:aws[\w-]*:(ssm|secretsmanager):[\w:/+=.@-]{1,1900})$/,
      'ssm:<name>, secretsmanager:<name>, or the ARN of either',
    ),
);

const globSchema = z.string().min(1).max(300, 'a pattern of at most 300 characters');

/** One glob or several. */
const globsSchema = z
  .union([globSchema, z.array(globSchema).min(1).max(100, 'at most 100 patterns')])
  .transform((value) => (typeof value === 'string' ? [value] : value))
  .superRefine(refuseCostly);

const holdSchema = z.enum(['pull_request', 'run']);

const stackUrlSchema = z
  .string()
  .max(500)
  .regex(stackUrlPattern, 'an http or https URL, in which {stack} is the name of the stack');

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

const commandSchema = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => text.trim() !== '', 'must not be blank');

const roleSchema = z
  .string()
  .max(2048)
  .regex(/^arn:aws[\w-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/, 'the ARN of an IAM role')
  .meta({
    description:
      'On AWS, the role whose credentials the commands get while the branch holds the stack. Read docs/deploy-roles.md first.',
  });

/** A command, or a command with options. */
const teardownSchema = z
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

const suiteShape = {
  exclusive: z.boolean().optional().meta({
    description: 'Wait for the other suites of the branch on its stack, and let them wait. Default: false.',
  }),
  setup: commandSchema
    .optional()
    .meta({ description: 'Runs before the command. If it fails, the run is errored.' }),
  teardown: teardownSchema.optional().meta({
    description: 'Runs on the stack, as a separate run, before anyone else gets the stack.',
  }),
  image: z
    .string()
    .min(1)
    .max(500)
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
  paths: globsSchema
    .optional()
    .meta({ description: 'Run only if a changed file matches. A leading ! excludes files.' }),
  'paths-ignore': globsSchema.optional().meta({ description: 'Do not run if all changed files match.' }),
  branches: globsSchema.optional().meta({
    description: 'Run only for these branches: the pushed branch, or the base of the pull request.',
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
  shell: z
    .string()
    .max(200)
    .regex(shellPattern, 'bash, sh, or a command with {0} for the file of the script, such as python3 {0}')
    .optional()
    .meta({
      description:
        'The shell of the commands: `bash`, `sh`, or a command in which {0} is the file of the script. Default: bash if it is installed, otherwise sh.',
    }),
  retry: z
    .number()
    .int()
    .min(0)
    .max(5)
    .optional()
    .meta({ description: 'How many times to retry failed tests. Default: 0.' }),
};

/** Suite names that have another meaning in commands. */
const reservedSuiteNames = ['all', 'failed', 'settings'];

const suiteName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 'letters, digits, ., -, and _, at most 50')
  .refine(
    (name) => !reservedSuiteNames.includes(name.toLowerCase()),
    'all, failed, and settings are reserved for commands',
  );

export const suiteSchema = z.strictObject({
  command: commandSchema.meta({ description: 'Runs the tests. Its exit code decides the result.' }),
  matrix: matrixSchema.optional().meta({
    description:
      'Runs the suite once for each combination of these variables, as a separate suite. {matrix.<name>} in command, setup, image, env, junit, artifacts, and working-directory is the value.',
  }),
  ...suiteShape,
});
/** The settings of a suite, with sizes and times converted to units. */
export type SuiteSettings = z.output<typeof suiteSchema>;

/** The settings of a deployment. What it shares with a suite means the same there. */
export const deploySchema = z.strictObject({
  command: commandSchema.meta({
    description:
      'Deploys the commit to the stack BERTH_STACK. It can write outputs to the file BERTH_OUTPUT.',
  }),
  setup: commandSchema.optional().meta({ description: 'Runs before the command, in the same checkout.' }),
  paths: globsSchema.optional().meta({
    description:
      'The files that the deployment depends on. If none of them differs from the last deployed commit, the deployment is reused. Default: all files.',
  }),
  url: stackUrlSchema.optional().meta({
    description: 'The URL of the deployed stack. {stack} is its name. Default: the output `url`.',
  }),
  role: suiteShape.role,
  timeout: suiteShape.timeout,
  cancelSuperseded: z.boolean().optional().meta({
    description:
      'Cancel a running deployment when a newer commit arrives. Default: false, so the newer commit waits for it.',
  }),
  image: suiteShape.image,
  cpu: suiteShape.cpu,
  memory: suiteShape.memory,
  disk: suiteShape.disk,
  env: suiteShape.env,
  secrets: suiteShape.secrets,
  checkout: suiteShape.checkout,
  'working-directory': suiteShape['working-directory'],
  shell: suiteShape.shell,
});
export type DeploySettings = z.output<typeof deploySchema>;

const deployKeys: readonly string[] = Object.keys(deploySchema.shape);

const deployName = z
  .string()
  // A name of digits only would change its place in the order of definition.
  .regex(/^[A-Za-z][A-Za-z0-9._-]{0,39}$/, 'letters, digits, ., -, and _, at most 40, starting with a letter')
  .refine((name) => !deployKeys.includes(name), 'the name of a setting cannot be the name of a deployment');

const deploysSchema = z.union([
  deploySchema,
  z
    .record(deployName, deploySchema)
    .refine((deploys) => Object.keys(deploys).length > 0, 'at least one deployment')
    .refine((deploys) => Object.keys(deploys).length <= 10, 'at most 10 deployments'),
]);

const mostSuites = 50;

interface SuiteMistake {
  readonly path: string[];
  readonly message: string;
}

/** Finds mistakes between the keys of the suites. */
function suiteMistakes(
  suites: Readonly<Record<string, SuiteSettings>>,
  defaults: Partial<SuiteSettings> = {},
): SuiteMistake[] {
  const mistakes: SuiteMistake[] = [];
  const owners = new Map(Object.keys(suites).map((name) => [name, name]));
  let count = 0;
  for (const [name, suite] of Object.entries(suites)) {
    if (suite['working-directory'] !== undefined && suite.checkout?.path !== undefined)
      mistakes.push({
        path: [name, 'working-directory'],
        message: '`checkout.path` says the same: remove one of the two',
      });
    if (suite.role !== undefined && (suite.stack ?? defaults.stack) === false)
      mistakes.push({
        path: [name, 'role'],
        message: '`role` has no effect without a stack: remove it, or allow a stack',
      });
    const { matrix } = suite;
    const combinations = matrix === undefined ? [{}] : combinationsOf(matrix);
    count += combinations.length;
    const known = new Set(combinations.flatMap((one) => Object.keys(one)));
    const unknown = usedVariables({ ...defaults, ...suite }).find((variable) => !known.has(variable));
    if (unknown !== undefined && (matrix !== undefined || usedVariables(suite).includes(unknown)))
      mistakes.push({ path: [name], message: `the matrix has no variable \`${unknown}\`` });
    if (matrix === undefined) continue;
    const path = [name, 'matrix'];
    if (combinations.length === 0) mistakes.push({ path, message: 'the matrix has no combination' });
    for (const combination of combinations) {
      const own = combinationName(name, matrix, combination);
      const owner = owners.get(own);
      if (!suiteName.safeParse(own).success)
        mistakes.push({ path, message: `\`${own}\` cannot be the name of a suite: use shorter values` });
      else if (owner !== undefined)
        mistakes.push({ path, message: `two suites would have the name \`${own}\`` });
      owners.set(own, name);
    }
  }
  if (count > mostSuites)
    mistakes.push({
      path: [],
      message: `at most ${mostSuites} suites, counting each combination of a matrix`,
    });
  return mistakes;
}

const poolShape = projectSettingsSchema.shape;

export const settingsFileSchema = z
  .strictObject({
    suites: z
      .record(suiteName, suiteSchema)
      .refine((suites) => Object.keys(suites).length <= 50, 'at most 50 suites')
      .optional()
      .meta({ description: 'The test suites. Each is a separate check: berth/<name>.' }),
    deploy: deploysSchema.optional().meta({
      description:
        'Deploys each commit to the stack of its branch, before the suites. One deployment, or several by name.',
    }),
    teardown: teardownSchema.optional().meta({
      description: 'Removes what `deploy` has deployed, before anyone else gets the stack.',
    }),
    defaults: z.strictObject(suiteShape).optional().meta({ description: 'Default values for all suites.' }),
    stack: z
      .union([
        z.literal(false),
        z.strictObject({
          prefix: poolShape.prefix
            .unwrap()
            .optional()
            .meta({ description: 'Stacks are named <prefix><number>. Default: test-.' }),
          maxStacks: poolShape.maxStacks
            .unwrap()
            .optional()
            .meta({ description: 'The maximum number of stacks. Default: no limit.' }),
          hold: holdSchema.optional().meta({ description: 'How long suites hold a stack by default.' }),
          queue: poolShape.queue.meta({
            description:
              'The order of the queue: `fifo`, or `fair`, in rounds in which each author has one place. Default: fifo.',
          }),
          reclaimAfter: durationSchema
            .optional()
            .meta({ description: 'How long a stack may be idle before Berth reclaims it for the queue.' }),
        }),
      ])
      .optional()
      .meta({ description: 'The stack pool. false: suites run without stacks.' }),
    comment: z.boolean().optional().meta({
      description: 'Keep one comment with the stack and the results in each pull request. Default: true.',
    }),
    tags: z.boolean().optional().meta({ description: 'Test pushed tags. Default: false.' }),
    forks: z
      .strictObject({
        secrets: z
          .boolean()
          .optional()
          .meta({ description: 'Give secrets to approved runs of forks. Read docs/github-app.md first.' }),
      })
      .optional()
      .meta({ description: 'Pull requests from forks, which run only after /ok-to-test.' }),
  })
  .superRefine(({ deploy, teardown, suites = {}, defaults, stack }, context) => {
    const refuse = (message: string, path: string[]): void =>
      context.addIssue({ code: 'custom', path, message });
    for (const { path, message } of suiteMistakes(suites, defaults)) refuse(message, ['suites', ...path]);
    if (teardown !== undefined && deploy === undefined)
      refuse('`teardown` here belongs to `deploy`: set it in a suite, or in `defaults`', ['teardown']);
    if (deploy === undefined) return;
    if ('deploy' in suites)
      refuse('the check berth/deploy belongs to the deployment: give this suite another name', [
        'suites',
        'deploy',
      ]);
    if (stack === false || stack?.maxStacks === 0)
      refuse('`deploy` has no effect without stacks: remove it, or allow stacks', ['deploy']);
  })
  .meta({ title: 'Berth', description: 'Settings of Berth for this repository: .github/berth.yml' });

/** A valid settings file. */
export type SettingsFile = z.output<typeof settingsFileSchema>;
