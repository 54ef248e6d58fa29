import { createHash, timingSafeEqual } from 'node:crypto';
import type { ProjectId } from '../../core/model/ids.ts';
import type { ApiKey, Scope } from '../../core/model/project.ts';
import type { Clock, Ids } from '../../ports/clock.ts';

/** 256 random bits cannot be guessed, so a plain hash is safe, and cheap enough for every request. */
const secretBytes = 32;
const idBytes = 6;

/** The SHA-256 of a key, as stored, in hexadecimal digits. */
export function hashKey(plain: string): string {
  return createHash('sha256').update(plain).digest('hex');
}

/** Compares two hashes in constant time. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  return a.length === b.length && timingSafeEqual(a, b);
}

export interface NewKey {
  readonly projectId: ProjectId;
  readonly name: string;
  readonly scope: Scope;
  readonly allProjects: boolean;
  /** A key that the user chose, as with `BERTH_API_KEY`. If omitted, a new one is created. */
  readonly plain?: string;
}

/**
 * Creates an API key, `berth_<id>_<secret>`.
 *
 * @returns `plain` to be shown once and forgotten, and the `key` to be stored.
 */
export function mintKey(
  deps: { ids: Pick<Ids, 'secret'>; clock: Clock },
  { plain: chosen, ...facts }: NewKey,
): { plain: string; key: ApiKey } {
  const id = deps.ids.secret(idBytes);
  const secret = Buffer.from(deps.ids.secret(secretBytes), 'hex').toString('base64url');
  const plain = chosen ?? `berth_${id}_${secret}`;
  return { plain, key: { id, hash: hashKey(plain), ...facts, created: deps.clock.now() } };
}
