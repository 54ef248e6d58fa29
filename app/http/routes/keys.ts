import { z } from '@hono/zod-openapi';
import { BerthError } from '../../core/model/errors.ts';
import type { ApiKey, Project } from '../../core/model/project.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { projectInPath, requireAdminEverywhere } from '../auth/access.ts';
import { mintKey, type NewKey } from '../auth/api-key.ts';
import type { Caller } from '../auth/caller.ts';
import { jsonAnswer, messageSchema } from '../describe-endpoint.ts';
import {
  keyInPath,
  keySchema,
  mintedKeySchema,
  newKeySchema,
  projectInPath as projectPath,
} from '../schemas/project.ts';
import { keyView } from '../views/project-view.ts';

/** The API keys of a project. */
export function addKeyRoutes(api: Api): void {
  addList(api);
  addCreate(api);
  addRotate(api);
  addRevoke(api);
}

const shared = { tag: 'Keys', access: projectInPath('admin') } as const;

function addList(api: Api): void {
  addEndpoint(
    api,
    {
      ...shared,
      id: 'listKeys',
      method: 'get',
      path: '/projects/{id}/keys',
      summary: 'List the keys of a project',
      params: projectPath,
      errors: ['project_not_found'],
      responses: jsonAnswer(
        200,
        'All keys, without secrets.',
        z.object({ keys: z.array(keySchema) }).openapi('KeyList'),
      ),
    },
    async (c, { target: { project } }) => {
      const keys = await api.deps.store.projects.listKeys(project.id);
      return c.json({ keys: keys.map(keyView) });
    },
  );
}

function addCreate(api: Api): void {
  addEndpoint(
    api,
    {
      ...shared,
      id: 'createKey',
      method: 'post',
      path: '/projects/{id}/keys',
      summary: 'Create a key',
      description: 'The key is shown only in this response: Berth stores only its hash.',
      params: projectPath,
      body: newKeySchema,
      errors: ['project_not_found'],
      responses: jsonAnswer(201, 'The key.', mintedKeySchema),
    },
    async (c, { target: { project, caller }, body }) => {
      // An administrator of one project must not get a key for all projects, neither by creating nor by rotating one.
      if (body.allProjects) requireAdminEverywhere(caller);
      return c.json(await storeNewKey(api, { projectId: project.id, ...body }), 201);
    },
  );
}

function addRotate(api: Api): void {
  addEndpoint(
    api,
    {
      ...shared,
      id: 'rotateKey',
      method: 'post',
      path: '/projects/{id}/keys/{keyId}/rotate',
      summary: 'Replace a key',
      description:
        'Creates a key with the same name and scope, and revokes the old one immediately. For a change without a gap, create a second key first and revoke the old one later.',
      params: keyInPath,
      errors: ['project_not_found', 'key_not_found', 'conflict'],
      responses: jsonAnswer(201, 'The new key.', mintedKeySchema),
    },
    async (c, { target: { project, caller }, params: { keyId } }) => {
      const key = await findKey(api, project, caller, keyId);
      if (key.revoked !== undefined) {
        throw new BerthError('conflict', 'This key is revoked and cannot be replaced.', {
          hint: 'Create a new one.',
        });
      }
      const { projectId, name, scope, allProjects } = key;
      const minted = await storeNewKey(api, { projectId, name, scope, allProjects });
      await api.deps.store.projects.revokeKey(key.hash, api.deps.clock.now());
      return c.json(minted, 201);
    },
  );
}

function addRevoke(api: Api): void {
  addEndpoint(
    api,
    {
      ...shared,
      id: 'revokeKey',
      method: 'delete',
      path: '/projects/{id}/keys/{keyId}',
      summary: 'Revoke a key',
      description: 'Berth refuses the key from the next request. Revoking a key twice is not an error.',
      params: keyInPath,
      errors: ['project_not_found', 'key_not_found'],
      responses: jsonAnswer(200, 'The key is revoked.', messageSchema),
    },
    async (c, { target: { project, caller }, params: { keyId } }) => {
      const key = await findKey(api, project, caller, keyId);
      await api.deps.store.projects.revokeKey(key.hash, api.deps.clock.now());
      return c.json({ message: `Key ${key.id} revoked` });
    },
  );
}

async function storeNewKey(api: Api, facts: NewKey): Promise<z.output<typeof mintedKeySchema>> {
  const { plain, key } = mintKey(api.deps, facts);
  if (!(await api.deps.store.projects.createKey(key)))
    throw new Error('a new key had the hash of an old one');
  return { ...keyView(key), key: plain };
}

async function findKey(api: Api, project: Project, caller: Caller, keyId: string): Promise<ApiKey> {
  const keys = await api.deps.store.projects.listKeys(project.id);
  const key = keys.find(({ id }) => id === keyId);
  if (key === undefined) {
    throw new BerthError(
      'key_not_found',
      `Project ${project.name} has no key ${JSON.stringify(keyId.slice(0, 100))}.`,
      {
        hint: `GET /projects/${project.id}/keys lists the keys.`,
      },
    );
  }
  if (key.allProjects) requireAdminEverywhere(caller);
  return key;
}
