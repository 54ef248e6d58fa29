import { z } from '@hono/zod-openapi';
import { repositoryPath } from '../../core/model/checkout.ts';
import { concurrencyGroupPattern, maxConcurrency } from '../../core/model/concurrency.ts';
import { rerunMistake } from '../../core/model/rerun.ts';
import { runDefaults } from '../../core/model/run-defaults.ts';
import { stackUrlPattern } from '../../core/model/stack-deploy.ts';
import { refuseCostly, roleSchema, shellPattern } from '../../core/settings/setting-values.ts';
import { cachesSchema } from '../../core/settings/suite-cache.ts';
import { servicesSchema } from '../../core/settings/suite-services.ts';
import { branchText, commitSha, holderName, line, plainText } from './text.ts';

const unitsPerVcpu = 1024;
const mostVcpu = 16;

/** Up to 16: vCPUs. From 128: the CPU units of ECS. */
const cpu = z
  .number()
  .min(0.25, 'must be vCPUs (0.25 to 16) or ECS CPU units (256 to 16384)')
  .max(mostVcpu * unitsPerVcpu)
  .refine(
    (value) => value <= mostVcpu || value >= 256,
    'must be vCPUs (0.25 to 16) or ECS CPU units (256 to 16384)',
  )
  .transform((value) => Math.round(value <= mostVcpu ? value * unitsPerVcpu : value))
  .openapi({
    type: 'number',
    description: 'vCPUs (0.25 to 16), or ECS CPU units (256 to 16384, 1024 to a vCPU).',
    default: runDefaults.cpuUnits,
    example: 2,
  });

const environment = z
  .record(
    z
      .string()
      .max(256)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'must be a name of letters, digits and _')
      .refine((name) => !/^BERTH_/i.test(name), 'names that begin with BERTH_ are set by Berth itself'),
    z
      .string()
      .max(32_768)
      .refine((value) => !value.includes('\0'), 'must not contain NUL characters'),
  )
  .refine((env) => Object.keys(env).length <= 100, 'must not have more than 100 variables')
  .openapi({
    description:
      'Environment variables of the command. Not for secrets: everyone who can see the run can see them.',
    example: { NODE_ENV: 'test' },
  });

const globs = (most: number) => z.array(line(500)).max(most).superRefine(refuseCostly);

/** A name for a run, by the rule for the run IDs of the older batch runner. */
const runName = z
  .string()
  .min(1)
  .max(128, 'exceeds maximum length of 128 characters')
  .regex(/^[A-Za-z0-9_-]+$/, 'contains invalid characters: letters, digits, - and _ are allowed');

const checkoutRequestSchema = z.strictObject({
  submodules: z.union([z.boolean(), z.literal('recursive')]).optional(),
  lfs: z.boolean().optional().openapi({ description: 'Fetch the content of Git LFS files.' }),
  fetch_depth: z
    .number()
    .int()
    .min(0)
    .max(1_000_000)
    .optional()
    .openapi({ description: 'Commits of history; 0 for all, with all branches and tags. Default: 1.' }),
  tags: z.boolean().optional(),
  path: z
    .string()
    .regex(repositoryPath, 'must be a path within the repository')
    .optional()
    .openapi({ description: 'The directory in which the commands run.', example: 'packages/shop' }),
});

const deployRequestSchema = z
  .strictObject({
    command: plainText(32_768).openapi({
      description:
        'Deploys the commit to the stack BERTH_STACK. It may write outputs to the file BERTH_OUTPUT.',
      example: 'npx serverless deploy --stage "$BERTH_STACK"',
    }),
    setup: plainText(32_768).optional(),
    paths: globs(100)
      .min(1)
      .optional()
      .openapi({
        description:
          'Globs of the files that the deployment depends on. It is reused if none of these files differs from the deployed commit. If omitted, all files.',
        example: ['infra/**', 'src/**'],
      }),
    url: z
      .string()
      .max(500)
      .regex(stackUrlPattern, 'must be an http or https URL, in which {stack} is the name of the stack')
      .optional()
      .openapi({
        description: 'The URL of the deployed stack. If omitted, the output `url`.',
        example: 'https://{stack}.example.com',
      }),
    timeout_seconds: z.number().int().min(1).max(86_400).default(runDefaults.timeoutSeconds),
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9._-]{0,39}$/, 'must be letters, digits, ., - and _')
      .optional()
      .openapi({
        description: 'Distinguishes deployments of several services to one stack.',
        example: 'api',
      }),
  })
  .openapi('DeployRequest');

const teardownRequestSchema = z.union([
  plainText(32_768),
  z.strictObject({
    command: plainText(32_768),
    on_failure: z.enum(['quarantine', 'release']).optional().openapi({
      description:
        'What happens to the stack if the teardown fails: `quarantine` keeps it from every holder until a teardown succeeds or a person cleans it; `release` gives it to the next holder. Default: quarantine.',
    }),
    timeout_seconds: z
      .number()
      .int()
      .min(1)
      .max(86_400)
      .optional()
      .openapi({ description: 'Default: the time limit of the test command.' }),
    retries: z
      .number()
      .int()
      .min(0)
      .max(10)
      .optional()
      .openapi({ description: 'Retries of a teardown that failed. Default: 3.' }),
  }),
]);

/** The body of `POST /workflow/execute`: the fields of the older test runner, and Berth's. Unknown fields are ignored. */
export const runRequestSchema = z
  .object({
    repo_url: z.string().max(4096).openapi({
      description: 'The repository to clone: an https, ssh, or host:path URL without credentials.',
      example: 'https://github.com/octocat/hello-world.git',
    }),
    branch: z.string().max(4096).openapi(branchText),
    test_command: plainText(32_768).openapi({
      description: 'A shell command.',
      example: 'npm ci && npm test',
    }),
    sha: commitSha.optional(),
    suite: line(100).default(runDefaults.suite).openapi({ example: 'unit' }),
    stack: z
      .union([z.boolean(), line(100)], { error: 'must be true, false or the name of a stack' })
      .optional()
      .openapi({
        description:
          'true: any free stack; a name: this stack; false: none. Default: true if the project has stacks.',
        example: true,
      }),
    holder: holderName.optional().openapi({
      description:
        'Run on the stack of this holder, and leave it to the holder afterwards. If omitted, the run holds a stack itself and releases it when it ends.',
      example: 'deploy-42',
    }),
    env: environment.default({}),
    setup: plainText(32_768).optional().openapi({
      description: 'Runs before the test command. If it fails, the run is errored.',
      example: 'npm ci',
    }),
    rerun: plainText(32_768)
      .refine((command) => rerunMistake(command) === undefined, {
        error: ({ input }) => rerunMistake(String(input)) ?? 'not valid',
      })
      .optional()
      .openapi({
        description:
          'Runs only failed tests, for retries: {tests} are their names, {files} their files. Not necessary for tools that Berth knows, such as jest or pytest.',
        example: 'npx jest {files}',
      }),
    shell: line(200)
      .regex(shellPattern, 'must be bash, sh, or a command with {0} for the file of the script')
      .optional()
      .openapi({
        description:
          'The shell of the commands: `bash`, `sh`, or a command in which `{0}` is the file of the script. Default: bash if it is installed, otherwise sh.',
        example: 'python3 {0}',
      }),
    teardown: teardownRequestSchema.optional().openapi({
      description:
        'Runs on the stack before it is released: a separate workflow at the same commit, with the same image and environment. A command, or a command with options.',
      example: 'npm ci && npm run destroy',
    }),
    deploy: deployRequestSchema.optional().openapi({
      description:
        'Deploys the commit to the stack before the test command, as a separate workflow. Its outputs are environment variables of the test command. If it fails, the test command does not run.',
    }),
    role: roleSchema.optional().openapi({
      description:
        'On AWS, the IAM role whose credentials the commands get while the workflow has its stack: the test command, `deploy`, and `teardown`. The role must trust the project.',
      example: 'arn:aws:iam::123456789012:role/deploy/shop',
    }),
    timeout_seconds: z.number().int().min(1).max(86_400).default(runDefaults.timeoutSeconds),
    cpu: cpu.optional(),
    memory: z
      .number()
      .int()
      .min(128)
      .max(122_880)
      .default(runDefaults.memoryMib)
      .openapi({ description: 'MiB.', example: 4096 }),
    image: z
      .string()
      .max(512)
      .regex(/^[A-Za-z0-9][\w.:/@-]*$/, 'must be the name of a container image')
      .optional()
      .openapi({
        description: "Container image, which must contain Berth's runner.",
        example: 'my-registry/tests:1.4',
      }),
    junit: globs(20)
      .default([])
      .openapi({
        description: 'The JUnit XML files of the command: glob patterns, relative to the checkout.',
        example: ['reports/**/*.xml'],
      }),
    artifacts: globs(50)
      .default([])
      .openapi({
        description: 'Files to keep: glob patterns, relative to the checkout.',
        example: ['playwright-report/**'],
      }),
    cache: cachesSchema.optional().openapi({
      description:
        'Files that the run starts with, and saves for later runs: presets such as `npm`, or objects with `key` (globs of lock files) and `paths`.',
      example: ['npm', { name: 'browsers', key: ['package-lock.json'], paths: ['~/.cache/ms-playwright'] }],
    }),
    services: servicesSchema
      .refine(
        (services) => services.every(({ credentials }) => credentials === undefined),
        'must have no credentials: only .github/berth.yml names secrets',
      )
      .optional()
      .openapi({
        description:
          'Containers that run next to the command, by host name. The keys are those of `services` in .github/berth.yml, without `credentials`.',
        example: { db: { image: 'postgres:16', ready: 'pg_isready -U postgres', ports: [5432] } },
      }),
    source_id: z
      .string()
      .regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be the ID of an uploaded source')
      .optional()
      .openapi({
        description:
          'Run the archive that was uploaded to `POST /sources` instead of cloning `repo_url`. Needs `sha`.',
      }),
    checkout: checkoutRequestSchema.optional().openapi({
      description: 'What the checkout contains in addition to the files of the commit.',
    }),
    concurrency: z
      .strictObject({
        group: z.string().regex(concurrencyGroupPattern, 'must be letters, digits, ., -, _, and /'),
        limit: z.number().int().min(1).max(maxConcurrency).default(1),
      })
      .optional()
      .openapi({
        description:
          'At most `limit` workflows of the same group are active in the project at the same time. Others wait, oldest first.',
      }),
    retries: z.number().int().min(0).max(5).default(runDefaults.retries).openapi({
      description:
        'How many times failed tests are retried automatically: only these tests where Berth can select them, otherwise the suite.',
    }),
    run_id: runName
      .optional()
      .openapi({ description: 'The ID of the workflow.', example: 'nightly-2026-07-01' }),
    idempotency_key: line(255).optional().openapi({
      description:
        'The same key, within a project, is the same workflow: a repeated request starts nothing new. A `run_id` does the same, and takes precedence.',
      example: 'b7c1c1a0-deploy',
    }),
  })
  .openapi('WorkflowRequest');
export type RunRequest = z.output<typeof runRequestSchema>;

export const retestRequestSchema = z
  .strictObject({
    idempotency_key: line(255).optional(),
    failed_only: z.boolean().optional().openapi({
      description:
        'Run only the failed tests. Where they cannot be selected, the suite runs, and a warning of the workflow says why. Default: false for `retest`, true for `retest-failed`.',
    }),
  })
  .openapi('RetestRequest');
