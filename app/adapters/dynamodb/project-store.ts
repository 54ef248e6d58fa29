import { z } from 'zod';
import { LostRace } from '../../core/model/errors.ts';
import { projectId } from '../../core/model/ids.ts';
import { type ApiKey, type Project, projectSettingsSchema, scopes } from '../../core/model/project.ts';
import type { ProjectStore } from '../../ports/store.ts';
import { fromCursor, toCursor } from './cursor.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { apiKeyKey, type Key, keyOf, keyPart, projectKey, timeKey } from './keys.ts';
import { currentVersion, migrate, versionAttribute } from './migrations.ts';
import { parseItem, storedDate } from './parse-item.ts';
import { indexes } from './table-definition.ts';

/** Fields of a newer version survive a write by this one. */
const projectSchema: z.ZodType<Project> = z.looseObject({
  id: z.string().transform(projectId),
  name: z.string(),
  settings: projectSettingsSchema,
  created: storedDate,
  modified: storedDate,
  github: z
    .object({
      repositoryId: z.number().int(),
      installationId: z.number().int(),
      owner: z.string(),
      name: z.string(),
      defaultBranch: z.string(),
    })
    .exactOptional(),
  suspendedAt: storedDate.exactOptional(),
  poolAppliedAt: storedDate.exactOptional(),
});

const apiKeySchema: z.ZodType<ApiKey> = z.object({
  id: z.string(),
  hash: z.string(),
  projectId: z.string().transform(projectId),
  allProjects: z.boolean(),
  name: z.string(),
  scope: z.enum(scopes),
  created: storedDate,
  revoked: storedDate.exactOptional(),
});

const projectList = 'PROJECTS';
const pageSize = 50;
const isNew = { when: 'attribute_not_exists(#pk)' };

/** Projects and API keys: an item each, listed through the index `list`. */
export function createProjectStore(table: DynamoTable): ProjectStore {
  return {
    async create(project) {
      return table.put(projectItem(project), isNew);
    },

    async get(id) {
      const item = await table.get(projectKey(id));
      return item === undefined ? undefined : toProject(item);
    },

    async replace(from, to) {
      const next = {
        ...to,
        modified: new Date(Math.max(to.modified.getTime(), from.modified.getTime() + 1)),
      };
      const values = { ':from': from.modified };
      if (await table.put(projectItem(next), { when: '#modified = :from', values })) return;
      throw new LostRace(`project ${to.id} was changed since ${from.modified.toISOString()}`);
    },

    async list(cursor) {
      const after = cursor === undefined ? undefined : fromCursor(cursor);
      const page = await table.query({
        index: indexes.list.name,
        key: { when: '#listKey = :list', values: { ':list': projectList } },
        limit: pageSize,
        startAfter: after && {
          ...projectKey(projectId(after.id)),
          listKey: projectList,
          listSort: after.listSort,
        },
      });
      const items = (await table.getAll(page.items.map(keyOf))).map(toProject);
      const last = page.items.at(-1);
      return page.next === undefined || last === undefined
        ? { items }
        : { items, cursor: toCursor(String(last.listSort)) };
    },

    async createKey(key) {
      return table.put(
        {
          ...apiKeyKey(key.hash),
          [versionAttribute]: currentVersion('key'),
          ...key,
          listKey: keyList(key.projectId),
          listSort: timeKey(key.created, key.id),
        },
        isNew,
      );
    },

    async findKey(hash) {
      const item = await table.get(apiKeyKey(hash));
      return item === undefined ? undefined : parseItem(apiKeySchema, migrate('key', item));
    },

    async listKeys(id) {
      const listed = await table.queryAll({
        index: indexes.list.name,
        key: { when: '#listKey = :list', values: { ':list': keyList(id) } },
      });
      return (await table.getAll(listed.map(keyOf))).map((item) =>
        parseItem(apiKeySchema, migrate('key', item)),
      );
    },

    async revokeKey(hash, at) {
      const change = { setOnce: { revoked: at } };
      return (await table.updateIf(apiKeyKey(hash), change, { when: 'attribute_exists(#pk)' })).done;
    },
  };
}

function toProject(item: Item): Project {
  const { pk: _, sk: __, listKey: ___, listSort: ____, ...fields } = item;
  return parseItem(projectSchema, fields, item);
}

function projectItem(project: Project): Item & Key {
  return {
    ...projectKey(project.id),
    ...project,
    listKey: projectList,
    listSort: timeKey(project.created, project.id),
  };
}

function keyList(id: Project['id']): string {
  return `KEYS#${keyPart(id)}`;
}
