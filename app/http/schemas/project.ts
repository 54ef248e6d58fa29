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
    suspendedAt: moment.nullable().openapi({ description: 'When the GitHub App was removed from it.' }),
    scope: z.enum(scopes).openapi({ description: 'Your scope in the project.' }),
  })
  .openapi('Project');

const projectName = line(100)
  .refine((name) => !name.includes('/'), 'must not contain /: such names belong to repositories on GitHub')
  .openapi({
    description:
      'The ID is derived from it: lower case, with - for all characters except letters and digits.',
    example: 'Web shop',
  });

export const newProjectSchema = z
  .strictObject({ name: projectName, settings: settingsSchema.prefault({}) })
  .openapi('NewProject');

export const projectChangeSchema = z
  .strictObject({
    name: projectName.optional().openapi({ description: 'The ID does not change.' }),
    settings: z
      .record(z.string().max(100), z.unknown())
      .default({})
      .openapi({
        description: 'The settings to change; null resets a setting to its default. The others stay.',
        example: { maxStacks: 20, reclaimAfterSeconds: null },
      }),
  })
  .openapi('ProjectChange');

export const projectInPath = z.object({
  id: z.string().openapi({ description: 'ID or name of the project.', example: 'web-shop' }),
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
      description: 'The name of its user, shown with the workflows that it starts.',
      example: 'nightly builds',
    }),
    scope: z.enum(scopes).openapi({
      description:
        '`read` views; `run` also starts and cancels workflows and requests stacks; `admin` also manages the project and its keys.',
    }),
    allProjects: z.boolean().default(false).openapi({
      description:
        'Whether the key is valid for all projects, and can create new ones. Only such a key can create another one.',
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
