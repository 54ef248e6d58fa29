import { z } from '@hono/zod-openapi';
import { projectSettingsSchema, scopes } from '../../core/model/project.ts';
import { line, moment } from './text.ts';

// Rebuilt from its parts: the model's schema may be older than the `openapi` method.
const settingsSchema = z.strictObject(projectSettingsSchema.shape).openapi('ProjectSettings');

export const projectSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    settings: settingsSchema,
    created: moment,
    modified: moment,
    github: z
      .object({
        repositoryId: z.number().int(),
        owner: z.string(),
        name: z.string(),
        defaultBranch: z.string(),
      })
      .nullable(),
    suspendedAt: moment
      .nullable()
      .openapi({ description: 'Since when the GitHub App is not installed on it.' }),
    scope: z.enum(scopes).openapi({ description: 'What you may do in it.' }),
  })
  .openapi('Project');

const projectName = line(100)
  .refine((name) => !name.includes('/'), 'must not contain /: such names belong to repositories on GitHub')
  .openapi({
    description: 'The id is made from it: lower case, with - for whatever is neither a letter nor a digit.',
    example: 'Web shop',
  });

export const newProjectSchema = z
  .strictObject({ name: projectName, settings: settingsSchema.prefault({}) })
  .openapi('NewProject');

export const projectChangeSchema = z
  .strictObject({
    name: projectName.optional().openapi({ description: 'The id stays as it is.' }),
    settings: z
      .record(z.string().max(100), z.unknown())
      .default({})
      .openapi({
        description: 'The settings to change; null takes a setting back to its default. The others stay.',
        example: { maxStacks: 20, reclaimAfterSeconds: null },
      }),
  })
  .openapi('ProjectChange');

export const projectInPath = z.object({
  id: z.string().openapi({ description: 'Id or name of the project.', example: 'web-shop' }),
});

export const keySchema = z
  .object({
    id: z.string(),
    name: z.string(),
    scope: z.enum(scopes),
    allProjects: z.boolean(),
    created: moment,
    revoked: moment.nullable(),
  })
  .openapi('Key');

export const newKeySchema = z
  .strictObject({
    name: line(100).openapi({
      description: 'Who uses it: shown with what it starts.',
      example: 'nightly builds',
    }),
    scope: z.enum(scopes).openapi({
      description:
        '`read` sees; `run` also starts and cancels workflows and asks for stacks; `admin` also manages the project and its keys.',
    }),
    allProjects: z.boolean().default(false).openapi({
      description: 'For every project, and to make new ones. Only such a key may make another.',
    }),
  })
  .openapi('NewKey');

export const mintedKeySchema = keySchema
  .extend({
    key: z
      .string()
      .openapi({ description: 'The key itself, shown only once.', example: 'berth_0a1b2c3d4e5f_…' }),
  })
  .openapi('MintedKey');

export const keyInPath = projectInPath.extend({ keyId: z.string().openapi({ example: '0a1b2c3d4e5f' }) });
