import { z } from 'zod';
import { LostRace } from '../../core/model/errors.ts';
import { projectId } from '../../core/model/ids.ts';
import type { PullComment } from '../../core/model/pull-comment.ts';
import type { PullCommentStore } from '../../ports/pull-comment-store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { afterTime, dueShards, type Key, pullCommentKey, timeKey } from './keys.ts';
import { parseItem, storedDate } from './parse-item.ts';
import { indexes } from './table-definition.ts';

const commentSchema = z.object({
  projectId: z.string().transform(projectId),
  number: z.number().int(),
  revision: z.number().int(),
  branch: z.object({ repositoryId: z.number().int(), name: z.string() }),
  head: z.string().exactOptional(),
  isWanted: z.boolean(),
  mayExist: z.boolean(),
  commentId: z.number().int().exactOptional(),
  shown: z.object({ substance: z.string(), isFinal: z.boolean() }).exactOptional(),
  writtenAt: storedDate.exactOptional(),
  isDeleted: z.literal(true).exactOptional(),
  claimedUntil: storedDate.exactOptional(),
  attempts: z.number().int(),
  dueAt: storedDate.exactOptional(),
});

/** The comments in pull requests: an item each, in the index `due` while there may be something to write. */
export function createPullCommentStore(table: DynamoTable): PullCommentStore {
  const schema: z.ZodType<PullComment> = commentSchema;
  const toComment = (item: Item): PullComment => {
    const parsed: unknown = JSON.parse(String(item.document));
    return parseItem(schema, { pk: item.pk, sk: item.sk, ...Object(parsed), revision: item.revision });
  };

  return {
    async get(project, number) {
      const item = await table.get(pullCommentKey(project, number));
      return item === undefined ? undefined : toComment(item);
    },

    async save(comment) {
      const next = { ...comment, revision: comment.revision + 1 };
      const condition =
        comment.revision === 0
          ? { when: 'attribute_not_exists(#pk)' }
          : { when: '#revision = :seen', values: { ':seen': comment.revision } };
      if (await table.put(toItem(next), condition)) return next;
      throw new LostRace(`the comment of #${comment.number} is not at revision ${comment.revision} any more`);
    },

    async due(now, limit) {
      const listed = await table.queryAll({
        index: indexes.due.name,
        key: {
          when: '#dueShard = :shard AND #dueKey < :end',
          values: { ':shard': dueShards.comments, ':end': afterTime(now) },
        },
        limit,
      });
      const items = await table.getAll(listed.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) })));
      return items.map(toComment).filter(({ dueAt }) => dueAt !== undefined && dueAt <= now);
    },
  };
}

function toItem(comment: PullComment): Item & Key {
  const key = pullCommentKey(comment.projectId, comment.number);
  const { dueAt } = comment;
  return {
    ...key,
    kind: 'pullComment',
    version: 1,
    revision: comment.revision,
    document: JSON.stringify(comment),
    ...(dueAt === undefined ? {} : { dueShard: dueShards.comments, dueKey: timeKey(dueAt, key.pk) }),
  };
}
