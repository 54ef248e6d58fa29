import { z } from 'zod';
import { projectId } from '../../core/model/ids.ts';
import type { PullComment } from '../../core/model/pull-comment.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { PullCommentStore } from '../../ports/branch-store.ts';
import type { DynamoTable } from './dynamo-table.ts';
import type { Expiry } from './expiry.ts';
import { dueShards, pullCommentKey } from './keys.ts';
import { storedDate } from './parse-item.ts';
import { revisedDocuments } from './revised-documents.ts';

const commentSchema: z.ZodType<PullComment> = z.object({
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
export function createPullCommentStore(table: DynamoTable, expiry: Expiry): PullCommentStore {
  const documents = revisedDocuments(table, expiry, {
    kind: 'pullComment',
    schema: commentSchema,
    shard: dueShards.comments,
    keyFor: (comment) => pullCommentKey(comment.projectId, comment.number),
    indexed: ({ isDeleted }) => (isDeleted === true ? { isDeleted } : {}),
    // A comment that a person deleted is not created again.
    isIdle: ({ isDeleted }) => isDeleted !== true,
    nameOf: ({ number }) => `the comment of #${number}`,
  });

  return {
    get: (project, number) => documents.get(pullCommentKey(project, number)),
    save: documents.save,
    async wake(project, number, now, first) {
      await documents.wake(pullCommentKey(project, number), now, {
        when: 'attribute_not_exists(#isDeleted)',
        ...omitUndefined({ first }),
      });
    },
    due: documents.due,
  };
}
