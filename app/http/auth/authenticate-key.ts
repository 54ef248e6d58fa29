import { BerthError } from '../../core/model/errors.ts';
import type { ApiKey } from '../../core/model/project.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Store } from '../../ports/store.ts';
import { hashKey, sameHash } from './api-key.ts';
import type { Authenticator, Caller } from './caller.ts';

const longestKey = 512;

/** Authenticates callers by the API key in `X-API-Key`. */
export function authenticateKey(deps: { store: Pick<Store, 'projects'>; clock: Clock }): Authenticator {
  return async (request) => {
    const plain = request.headers.get('x-api-key');
    if (plain === null || plain === '') return undefined;
    const hash = hashKey(plain);
    const key = plain.length > longestKey ? undefined : await deps.store.projects.findKey(hash);
    if (key === undefined || !sameHash(key.hash, hash) || isRevoked(key, deps.clock.now())) {
      // The same error for both: it must not reveal that a key was revoked.
      throw new BerthError('unauthorized', 'This API key is unknown or was revoked.', {
        hint: 'Ask an administrator of the project for a new key.',
      });
    }
    return callerOf(key);
  };
}

function isRevoked(key: ApiKey, now: Date): boolean {
  return key.revoked !== undefined && key.revoked <= now;
}

/** The caller that a key identifies, after it or its session was verified. */
export function callerOf(key: ApiKey): Caller {
  return {
    actor: key.name,
    rateKey: `key:${key.id}`,
    trigger: 'api',
    home: key.projectId,
    ...(key.allProjects ? { scopeEverywhere: key.scope } : { projects: [key.projectId] }),
    scopeIn: (id) => (key.allProjects || id === key.projectId ? key.scope : undefined),
  };
}
