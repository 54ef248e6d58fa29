import { z } from 'zod';
import type { Session } from '../../core/model/session.ts';
import type { SessionStore } from '../../ports/store.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import { type Key, sessionKey } from './keys.ts';
import { currentVersion, migrate, versionAttribute } from './migrations.ts';
import { parseItem, storedDate } from './parse-item.ts';

const sessionItemSchema: z.ZodType<Session> = z.object({
  id: z.string(),
  person: z.object({ id: z.number().int(), login: z.string(), name: z.string().exactOptional() }),
  sealedTokens: z.string(),
  signedInAt: storedDate,
  renewAt: storedDate,
  expires: storedDate,
  revision: z.number().int(),
  claimedUntil: storedDate.exactOptional(),
  isReplaced: z.boolean(),
});

/** Sessions of people: an item each, in no index, since nothing lists them. */
export function createSessionStore(table: DynamoTable): SessionStore {
  return {
    create: (session) => table.put(sessionItem(session), { when: 'attribute_not_exists(#pk)' }),

    async get(id) {
      const item = await table.get(sessionKey(id));
      return item === undefined ? undefined : parseItem(sessionItemSchema, migrate('session', item));
    },

    save: (session) =>
      table.put(sessionItem({ ...session, revision: session.revision + 1 }), {
        when: '#revision = :seen',
        values: { ':seen': session.revision },
      }),

    delete: (id) => table.delete(sessionKey(id)),
  };
}

function sessionItem(session: Session): Item & Key {
  return {
    ...sessionKey(session.id),
    [versionAttribute]: currentVersion('session'),
    ...session,
    // DynamoDB removes it some time later; readers compare with the clock.
    ttl: Math.ceil(session.expires.getTime() / 1000),
  };
}
