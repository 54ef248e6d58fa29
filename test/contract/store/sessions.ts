import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Session } from '../../../app/core/model/session.ts';
import type { Store } from '../../../app/ports/store.ts';
import { atOnce, minute } from './samples.ts';

function newSession(change: Partial<Session> = {}): Session {
  return {
    id: randomBytes(32).toString('hex'),
    person: { id: 7, login: 'dana', name: 'Dana' },
    sealedTokens: 'sealed',
    signedInAt: minute(0),
    renewAt: minute(480),
    expires: minute(1440),
    revision: 0,
    isReplaced: false,
    ...change,
  };
}

/** People who are signed in. */
export function sessionsContract(store: () => Store): void {
  describe('a session', () => {
    it('is read by its ID', async () => {
      const session = newSession();
      const nameless = newSession({ person: { id: 8, login: 'rin' }, claimedUntil: minute(1) });
      expect(await store().sessions.create(session)).toBe(true);
      await store().sessions.create(nameless);
      expect(await store().sessions.get(session.id)).toEqual(session);
      expect(await store().sessions.get(nameless.id)).toEqual(nameless);
      expect(await store().sessions.get(newSession().id)).toBeUndefined();
    });

    it('never replaces another', async () => {
      const session = newSession();
      await store().sessions.create(session);
      expect(await store().sessions.create({ ...session, sealedTokens: 'of another session' })).toBe(false);
      expect(await store().sessions.get(session.id)).toEqual(session);
    });

    it('is changed by one of several writers with the same revision', async () => {
      const session = newSession();
      await store().sessions.create(session);
      const changed = { ...session, claimedUntil: minute(1) };
      const answers = await atOnce(10, () => store().sessions.save(changed));
      expect(answers.filter((done) => done)).toHaveLength(1);
      expect(await store().sessions.get(session.id)).toEqual({ ...changed, revision: 1 });
    });

    it('that was deleted stays deleted after late writes', async () => {
      const session = newSession();
      await store().sessions.create(session);
      await store().sessions.delete(session.id);
      await store().sessions.delete(session.id);
      expect(await store().sessions.save(session)).toBe(false);
      expect(await store().sessions.get(session.id)).toBeUndefined();
    });
  });
}
