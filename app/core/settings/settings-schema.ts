import { z } from 'zod';
import { projectSettingsSchema } from '../model/project.ts';

/**
 * `.github/berth.yml`. The descriptions are what editors show (docs/berth.schema.json is made from here), and
 * docs/settings.md explains the whole.
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
    // The pattern lets only the three letters through that `seconds` has.
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
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'letters, digits and _, not beginning with a digit');
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

/** One glob or several. */
const globsSchema = z
  .union([z.string().min(1).max(300), z.array(z.string().min(1).max(300)).min(1).max(100)])
  .transform((value) => (typeof value === 'string' ? [value] : value));

const holdSchema = z.enum(['pull_request', 'run']);

const suiteStackSchema = z.union([
  z.boolean(),
  z.strictObject({
    hold: holdSchema
      .optional()
      .meta({ description: 'How long the stack is kept: until the pull request closes, or for the run.' }),
    url: z
      .string()
      .max(500)
      .regex(
        /^https?:\/\/[^\s{}]*(\{stack\}[^\s{}]*)*$/,
        'an http address, in which {stack} may stand for the stack’s name',
      )
      .optional()
      .meta({ description: 'Where the deployed stack can be seen; {stack} stands for its name.' }),
    sharesStack: z
      .boolean()
      .optional()
      .meta({ description: 'May run beside other suites on the same stack.' }),
  }),
]);

const commandSchema = z
  .string()
  .min(1)
  .max(10_000)
  .refine((text) => text.trim() !== '', 'must not be blank');

const suiteShape = {
  setup: commandSchema
    .optional()
    .meta({ description: 'Run before the command; where it fails, the tests did not run.' }),
  teardown: commandSchema.optional().meta({
    description: 'Run on the stack, in a run of its own, before anybody else gets the stack.',
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
    .meta({ description: 'Disk space in GiB, where more than 20 are needed.' }),
  timeout: durationSchema
    .optional()
    .meta({ description: 'The longest that setup and command may take together. Default: 30m.' }),
  env: envSchema.optional().meta({ description: 'Variables of the environment; nothing secret.' }),
  secrets: secretsSchema
    .optional()
    .meta({ description: 'Variables whose values are read from SSM or Secrets Manager.' }),
  junit: globsSchema.optional().meta({ description: 'Where the command leaves JUnit XML.' }),
  artifacts: globsSchema.optional().meta({ description: 'Files to keep with the run.' }),
  paths: globsSchema
    .optional()
    .meta({ description: 'Run only where a changed file matches; ! takes files out again.' }),
  'paths-ignore': globsSchema.optional().meta({ description: 'Do not run where all changed files match.' }),
  branches: globsSchema.optional().meta({
    description: 'Run only for these branches: the one pushed to, or the base of the pull request.',
  }),
  drafts: z
    .boolean()
    .optional()
    .meta({ description: 'Whether pull requests that are drafts are tested. Default: true.' }),
  stack: suiteStackSchema.optional().meta({ description: 'false: the suite needs no stack.' }),
  cancelSuperseded: z
    .boolean()
    .optional()
    .meta({ description: 'A newer commit cancels the run of the older. Default: true.' }),
  retry: z
    .number()
    .int()
    .min(0)
    .max(5)
    .optional()
    .meta({ description: 'How often failed tests are tried again. Default: 0.' }),
};

/** Names that commands give another meaning. */
export const reservedSuiteNames = ['all', 'failed', 'settings'];

const suiteName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,49}$/, 'letters, digits, ., - and _, at most 50')
  .refine(
    (name) => !reservedSuiteNames.includes(name.toLowerCase()),
    'all, failed and settings mean something else in commands',
  );

export const suiteSchema = z.strictObject({
  command: commandSchema.meta({ description: 'Runs the tests; its exit code decides.' }),
  ...suiteShape,
});
/** A suite as it was written, its sizes and times in units. */
export type SuiteSettings = z.output<typeof suiteSchema>;

const poolShape = projectSettingsSchema.shape;

export const settingsFileSchema = z
  .strictObject({
    suites: z
      .record(suiteName, suiteSchema)
      .refine((suites) => Object.keys(suites).length <= 50, 'at most 50 suites')
      .optional()
      .meta({ description: 'The test suites, each a check of its own: berth/<name>.' }),
    defaults: z
      .strictObject(suiteShape)
      .optional()
      .meta({ description: 'What suites have that do not say otherwise.' }),
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
            .meta({ description: 'How many stacks there may be. Default: 10.' }),
          hold: holdSchema
            .optional()
            .meta({ description: 'How long suites keep a stack that do not say it themselves.' }),
          reclaimAfter: durationSchema
            .optional()
            .meta({ description: 'An idle stack may be taken for others who wait.' }),
        }),
      ])
      .optional()
      .meta({ description: 'The pool of stacks; false: none, suites run without.' }),
    tags: z.boolean().optional().meta({ description: 'Whether pushed tags are tested. Default: false.' }),
    forks: z
      .strictObject({
        secrets: z
          .boolean()
          .optional()
          .meta({ description: 'Give secrets to approved runs of forks. Read docs/github-app.md first.' }),
      })
      .optional()
      .meta({ description: 'Pull requests of forks, which run only after /ok-to-test.' }),
  })
  .meta({ title: 'Berth', description: 'Settings of Berth for this repository: .github/berth.yml' });

/** The file as checked: what is absent was not said. */
export type SettingsFile = z.output<typeof settingsFileSchema>;
