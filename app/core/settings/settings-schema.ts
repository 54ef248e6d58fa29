import { z } from 'zod';
import { projectSettingsSchema } from '../model/project.ts';
import { commandSchema, durationSchema, globsSchema, holdSchema, stackUrlSchema } from './setting-values.ts';
import { mostSuites, suiteMistakes } from './suite-mistakes.ts';
import { suiteName, suiteSchema, suiteShape, teardownSchema } from './suite-schema.ts';

/**
 * The schema of `.github/berth.yml`. Editors show its descriptions (`npm run schema` generates docs/berth.schema.json),
 * and docs/settings.md explains every key.
 */

/** The settings of a deployment. Keys that suites also have mean the same. */
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
  cache: suiteShape.cache,
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

const poolShape = projectSettingsSchema.shape;

export const settingsFileSchema = z
  .strictObject({
    suites: z
      .record(suiteName, suiteSchema)
      .refine((suites) => Object.keys(suites).length <= mostSuites, `at most ${mostSuites} suites`)
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

export type SettingsFile = z.output<typeof settingsFileSchema>;

/** The JSON schema of `.github/berth.yml`, for editors: the text of docs/berth.schema.json. */
export function settingsJsonSchema(): string {
  // The input of a person, not the parsed output.
  const schema = z.toJSONSchema(settingsFileSchema, { io: 'input', target: 'draft-7' });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
