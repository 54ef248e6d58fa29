import { z } from '@hono/zod-openapi';
import { BerthError, LostRace } from '../../core/model/errors.ts';
import { type Project, type ProjectSettings, projectSettingsSchema } from '../../core/model/project.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Store } from '../../ports/store.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { adminEverywhere, anyCaller, projectInPath } from '../auth/access.ts';
import type { Caller } from '../auth/caller.ts';
import { jsonAnswer } from '../describe-endpoint.ts';
import { projectIdFor } from '../project-id-for.ts';
import {
  newProjectSchema,
  projectChangeSchema,
  projectInPath as projectPath,
  projectSchema,
} from '../schemas/project.ts';
import { validate } from '../validate.ts';
import { projectView } from '../views/project-view.ts';
import { projectRead } from './route-kinds.ts';

/** Adds routes to list, read, create and change projects. */
export function addProjectRoutes(api: Api): void {
  addList(api);
  addCreate(api);
  addRead(api);
  addChange(api);
}

function addList(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'listProjects',
      method: 'get',
      path: '/projects',
      tag: 'Projects',
      summary: 'List the projects that you may see',
      access: anyCaller('read'),
      query: z.object({ cursor: z.string().min(1).max(2048).optional() }),
      errors: ['cursor_invalid'],
      responses: jsonAnswer(
        200,
        'A page of projects.',
        z
          .object({
            projects: z.array(projectSchema),
            cursor: z.string().nullable(),
            current: z.string().nullable().openapi({
              description: 'ID of the project that requests use if they name none: the project of the key.',
            }),
          })
          .openapi('ProjectList'),
      ),
    },
    async (c, { target: { caller }, query: { cursor } }) => {
      const { items, cursor: next } = await visibleProjects(api.deps.store, caller, cursor);
      return c.json({
        projects: items.map((project) => projectView(project, caller)),
        cursor: next ?? null,
        current: caller.home ?? null,
      });
    },
  );
}

/** If the caller may see a list of projects, reads only those. */
async function visibleProjects(store: Store, caller: Caller, cursor: string | undefined) {
  if (caller.projects === undefined) {
    const page = await store.projects.list(cursor);
    return { ...page, items: page.items.filter(({ id }) => caller.scopeIn(id) !== undefined) };
  }
  const left = [...caller.projects].sort().filter((id) => cursor === undefined || id > cursor);
  const ids = left.slice(0, projectsAtOnce);
  const found = await Promise.all(ids.map((id) => store.projects.get(id)));
  // Not every repository of the App is a project yet.
  const items = found.filter((project) => project !== undefined);
  return { items, cursor: left.length > ids.length ? ids.at(-1) : undefined };
}

const projectsAtOnce = 100;

function addCreate(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'createProject',
      method: 'post',
      path: '/projects',
      tag: 'Projects',
      summary: 'Create a project',
      description:
        'Creates a project for code outside GitHub. A repository becomes a project when the App is installed on it.',
      access: adminEverywhere,
      body: newProjectSchema,
      errors: ['project_exists'],
      responses: jsonAnswer(201, 'The project.', projectSchema),
    },
    async (c, { target: { caller }, body: { name, settings } }) => {
      const id = projectIdFor(name);
      if (id === undefined) {
        throw new BerthError(
          'invalid_request',
          `No ID can be derived from the name ${JSON.stringify(name)}.`,
          {
            hint: 'Use letters or digits, and not the form gh-<number>.',
            details: [{ path: 'name', message: 'holds no letter and no digit, or is reserved' }],
          },
        );
      }
      const now = api.deps.clock.now();
      const project: Project = { id, name, settings, created: now, modified: now };
      if (!(await api.deps.store.projects.create(project))) {
        throw new BerthError('project_exists', `The project ${id} already exists.`, {
          hint: 'Choose another name.',
        });
      }
      c.header('Location', `/projects/${id}`);
      return c.json(projectView(project, caller), 201);
    },
  );
}

function addRead(api: Api): void {
  addEndpoint(
    api,
    {
      ...projectRead,
      id: 'getProject',
      path: '/projects/{id}',
      summary: 'Get a project',
      responses: jsonAnswer(200, 'The project.', projectSchema),
    },
    (c, { target: { project, caller } }) => c.json(projectView(project, caller)),
  );
}

function addChange(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'changeProject',
      method: 'patch',
      path: '/projects/{id}',
      tag: 'Projects',
      summary: 'Change a project',
      access: projectInPath('admin'),
      params: projectPath,
      body: projectChangeSchema,
      errors: ['project_not_found', 'conflict'],
      responses: jsonAnswer(200, 'The current project.', projectSchema),
    },
    async (c, { target: { project, caller }, body }) => {
      const changed: Project = {
        ...project,
        ...omitUndefined({ name: body.name }),
        settings: mergedSettings(project.settings, body.settings),
        modified: new Date(Math.max(api.deps.clock.now().getTime(), project.modified.getTime() + 1)),
      };
      try {
        await api.deps.store.projects.replace(project, changed);
      } catch (error) {
        if (!(error instanceof LostRace)) throw error;
        throw new BerthError('conflict', 'Someone else changed the project at the same time.', {
          cause: error,
          hint: 'Read it again, and repeat the change if necessary.',
        });
      }
      return c.json(projectView(changed, caller));
    },
  );
}

/** JSON Merge Patch (RFC 7396), one level deep: a setting is replaced whole. */
function mergedSettings(
  settings: ProjectSettings,
  change: Readonly<Record<string, unknown>>,
): ProjectSettings {
  const entries = Object.entries({ ...settings, ...change }).filter(
    ([name, value]) => value !== null || !Object.hasOwn(projectSettingsSchema.shape, name),
  );
  return validate(projectSettingsSchema, Object.fromEntries(entries));
}
