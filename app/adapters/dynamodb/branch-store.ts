import { z } from 'zod';
import type { Branch } from '../../core/model/branch.ts';
import { projectId, runId, storedHolder } from '../../core/model/ids.ts';
import type { BranchStore, NewestCheck } from '../../ports/branch-store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import type { Expiry } from './expiry.ts';
import { branchKey, commitKey, dueShards, keyOf, keyPart } from './keys.ts';
import { storedDate } from './parse-item.ts';
import { revisedDocuments } from './revised-documents.ts';
import { triggerSchema } from './run-schema.ts';
import { indexes } from './table-definition.ts';

const branchSchema: z.ZodType<Branch> = z.object({
  projectId: z.string().transform(projectId),
  repositoryId: z.number().int(),
  name: z.string(),
  revision: z.number().int(),
  epoch: z.number().int(),
  isOpen: z.boolean(),
  head: z.string().exactOptional(),
  headSince: storedDate,
  previousHead: z.string().exactOptional(),
  scheduleAt: storedDate.exactOptional(),
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

/** Branches: an item each, in the same indexes as runs. */
export function createBranchStore(table: DynamoTable, expiry: Expiry): BranchStore {
  const documents = revisedDocuments(table, expiry, {
    kind: 'branch',
    schema: branchSchema,
    shard: dueShards.branches,
    keyFor: branchKey,
    indexed: listAttributes,
    // The record of a branch that still exists says at which commit it was closed: without it, it would be a new one.
    isIdle: ({ isOpen, isTrusted, head }) => !isOpen && (head === undefined || !isTrusted),
    nameOf: ({ name }) => `branch ${name}`,
  });
  const read = (listed: readonly Item[]): Promise<Branch[]> => documents.getAll(listed.map(keyOf));

  return {
    get: (key) => documents.get(branchKey(key)),
    getAll: (keys) => documents.getAll(keys.map(branchKey)),
    save: documents.save,
    due: documents.due,

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

    async noteCheck(project, sha, suite, { checkRunId, runId }) {
      const attribute = attributeOf(suite);
      // Attributes are separate numbers and texts, so that one condition compares the numbers of one suite.
      const change = {
        set: {
          [`${attribute}_id`]: checkRunId,
          [`${attribute}_run`]: runId,
          [`${attribute}_suite`]: suite,
          ttl: expiry(true),
        },
      };
      const condition = {
        when: `attribute_not_exists(#${attribute}_id) OR #${attribute}_id < :seen`,
        values: { ':seen': checkRunId },
      };
      const key = commitKey(project, sha);
      const written = await table.updateIf(key, change, condition, 'ALL_OLD');
      return checksOf(written.done ? written.item : await table.get(key)).get(suite);
    },

    async newestChecks(project, sha) {
      return checksOf(await table.get(commitKey(project, sha)));
    },
  };
}

function checksOf(item: Item | undefined): ReadonlyMap<string, NewestCheck> {
  const stored = newestCheckSchema.parse(item ?? {});
  const suites = Object.entries(stored).filter(([name]) => name.endsWith('_suite'));
  return new Map(
    suites.map(([name, suite]) => {
      const attribute = name.slice(0, -'_suite'.length);
      const check = {
        checkRunId: Number(stored[`${attribute}_id`]),
        runId: runId(String(stored[`${attribute}_run`])),
      };
      return [String(suite), check];
    }),
  );
}

function listAttributes({ projectId, repositoryId, name, head, isOpen }: Branch): Item {
  const order = `${name}#${repositoryId}`;
  return {
    ...(head === undefined ? {} : { listKey: commitList(projectId, head), listSort: order }),
    ...(isOpen ? { activeKey: openList(projectId), listSort: order } : {}),
  };
}

function openList(projectId: Branch['projectId']): string {
  return `BRANCHES#${keyPart(projectId)}`;
}

function commitList(projectId: Branch['projectId'], sha: string): string {
  return `COMMIT#${keyPart(projectId)}#${sha}`;
}

/** Encodes the name of a suite for the name of an attribute, which must consist of word characters. */
function attributeOf(suite: string): string {
  return `check_${Buffer.from(suite).toString('hex')}`;
}
