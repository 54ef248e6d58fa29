import { z } from 'zod';
import type { Branch } from '../../core/model/branch.ts';
import { LostRace } from '../../core/model/errors.ts';
import { projectId, runId, storedHolder } from '../../core/model/ids.ts';
import type { BranchStore } from '../../ports/branch-store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { afterTime, branchKey, commitKey, dueShards, type Key, keyPart, timeKey } from './keys.ts';
import { parseItem, storedDate } from './parse-item.ts';
import { triggerSchema } from './run-schema.ts';
import { indexes } from './table-definition.ts';

const branchSchema = z.object({
  projectId: z.string().transform(projectId),
  repositoryId: z.number().int(),
  name: z.string(),
  revision: z.number().int(),
  epoch: z.number().int(),
  isOpen: z.boolean(),
  head: z.string().exactOptional(),
  headSince: storedDate,
  previousHead: z.string().exactOptional(),
  pulls: z.array(
    z.object({
      number: z.number().int(),
      baseBranch: z.string(),
      isDraft: z.boolean(),
      openedAt: storedDate.exactOptional(),
    }),
  ),
  pullsSince: storedDate.exactOptional(),
  fork: z.string().exactOptional(),
  isTrusted: z.boolean(),
  approved: z.object({ sha: z.string(), by: z.string(), at: storedDate }).exactOptional(),
  closedHead: z.string().exactOptional(),
  holder: z.string().transform(storedHolder),
  trigger: triggerSchema,
  dueAt: storedDate.exactOptional(),
  isWoken: z.literal(true).exactOptional(),
  attempts: z.number().int(),
});

const newestCheckSchema = z.record(z.string(), z.unknown());

/** Branches: an item each. Their indexes are those of runs, which need no other shape for it. */
export function createBranchStore(table: DynamoTable): BranchStore {
  const schema: z.ZodType<Branch> = branchSchema;
  const toBranch = (item: Item): Branch => {
    const parsed: unknown = JSON.parse(String(item.document));
    return parseItem(schema, { pk: item.pk, sk: item.sk, ...Object(parsed), revision: item.revision });
  };
  const read = async (listed: readonly Item[]): Promise<Branch[]> =>
    (await table.getAll(listed.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })))).map(toBranch);

  return {
    async get(key) {
      const item = await table.get(branchKey(key));
      return item === undefined ? undefined : toBranch(item);
    },

    async getAll(keys) {
      return (await table.getAll(keys.map(branchKey))).map(toBranch);
    },

    async save(branch) {
      const next = { ...branch, revision: branch.revision + 1 };
      const condition =
        branch.revision === 0
          ? { when: 'attribute_not_exists(#pk)' }
          : { when: '#revision = :seen', values: { ':seen': branch.revision } };
      if (await table.put(toItem(next), condition)) return next;
      throw new LostRace(`branch ${branch.name} is not at revision ${branch.revision} any more`);
    },

    async listOpen(project) {
      const items = await table.queryAll({
        index: indexes.active.name,
        key: { when: '#activeKey = :active', values: { ':active': openList(project) } },
      });
      return (await read(items)).filter(({ isOpen }) => isOpen);
    },

    async atCommit(project, sha) {
      const items = await table.queryAll({
        index: indexes.list.name,
        key: { when: '#listKey = :list', values: { ':list': commitList(project, sha) } },
      });
      return (await read(items)).filter(({ head }) => head === sha);
    },

    async due(now, limit) {
      const items = await table.queryAll({
        index: indexes.due.name,
        key: {
          when: '#dueShard = :shard AND #dueKey < :end',
          values: { ':shard': dueShards.branches, ':end': afterTime(now) },
        },
        limit,
      });
      return (await read(items)).filter(({ dueAt }) => dueAt !== undefined && dueAt <= now);
    },

    async noteCheck(project, sha, suite, { checkRunId, runId }) {
      const attribute = attributeOf(suite);
      // Attributes are separate numbers and texts, so that one condition compares the numbers of one suite.
      const change = {
        set: { [`${attribute}_id`]: checkRunId, [`${attribute}_run`]: runId, [`${attribute}_suite`]: suite },
      };
      await table.updateIf(commitKey(project, sha), change, {
        when: `attribute_not_exists(#${attribute}_id) OR #${attribute}_id < :seen`,
        values: { ':seen': checkRunId },
      });
    },

    async newestChecks(project, sha) {
      const item = newestCheckSchema.parse((await table.get(commitKey(project, sha))) ?? {});
      const suites = Object.entries(item).filter(([name]) => name.endsWith('_suite'));
      return new Map(
        suites.map(([name, suite]) => {
          const attribute = name.slice(0, -'_suite'.length);
          const check = {
            checkRunId: Number(item[`${attribute}_id`]),
            runId: runId(String(item[`${attribute}_run`])),
          };
          return [String(suite), check];
        }),
      );
    },
  };
}

function toItem(branch: Branch): Item & Key {
  const { projectId, repositoryId, name, head, dueAt } = branch;
  const order = `${name}#${repositoryId}`;
  return {
    ...branchKey(branch),
    kind: 'branch',
    version: 1,
    revision: branch.revision,
    document: JSON.stringify(branch),
    ...(head === undefined ? {} : { listKey: commitList(projectId, head), listSort: order }),
    ...(branch.isOpen ? { activeKey: openList(projectId), listSort: order } : {}),
    ...(dueAt === undefined
      ? {}
      : { dueShard: dueShards.branches, dueKey: timeKey(dueAt, branchKey(branch).pk) }),
  };
}

function openList(projectId: Branch['projectId']): string {
  return `BRANCHES#${keyPart(projectId)}`;
}

function commitList(projectId: Branch['projectId'], sha: string): string {
  return `COMMIT#${keyPart(projectId)}#${sha}`;
}

/** A suite's name as a part of an attribute's name, which has to be of word characters. */
function attributeOf(suite: string): string {
  return `check_${Buffer.from(suite).toString('hex')}`;
}
