import { createHash, timingSafeEqual } from 'node:crypto';
import type { ProjectId } from '../../core/model/ids.ts';
import type { ApiKey, Scope } from '../../core/model/project.ts';
import type { Clock, Ids } from '../../ports/clock.ts';

/** 256 bits: nobody guesses it, so a plain hash keeps it safe, and every request can afford one. */
const secretBytes = 32;
const idBytes = 6;

/** SHA-256 of a key as the store keeps it, in hexadecimal digits. */
export function hashKey(plain: string): string {
  return createHash('sha256').update(plain).digest('hex');
}

/** Compares two hashes in a time that tells nothing about where they differ. */
export function sameHash(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one, 'hex'), Buffer.from(other, 'hex')];
  return a.length === b.length && timingSafeEqual(a, b);
}

export interface NewKey {
  readonly projectId: ProjectId;
  readonly name: string;
  readonly scope: Scope;
  readonly allProjects: boolean;
  /** A key that somebody chose themselves, as `BERTH_API_KEY` does; absent: a new one is made. */
  readonly plain?: string;
}

/**
 * Makes an API key, `berth_<id>_<secret>`.
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
