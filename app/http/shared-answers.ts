import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import type { ProjectId } from '../core/model/ids.ts';
import type { Clock } from '../ports/clock.ts';

interface Answer {
  readonly text: string;
  readonly etag: string;
}
interface Shared {
  readonly begunAt: number;
  /** The version of the data that it was made from, or of older data. */
  readonly version: number;
  readonly answer: Promise<Answer>;
}

/** How many answers are cached; the oldest is removed first. */
const room = 100;
/** The maximum age of an answer, even if a client accepts older ones. */
const longestAgeMs = 2000;

/**
 * Computes an answer once for all clients that request it within the same moment.
 *
 * Only clients that accept an older answer, by `Cache-Control: max-age=1`, get a shared one (RFC 9111, 5.2.1.1): the
 * pages that poll do. Programs, which may just have written something, get a current one by default.
 * Each answer has an `ETag`; a client that already has the answer gets a 304.
 *
 * Call it after the access check. A shared answer must depend only on the project, the address and the time, never on
 * the caller.
 *
 * Answers live in the memory of this process. A function on AWS handles one request at a time, so it rarely shares.
 *
 * @param version counts the changes of the underlying data, if known: older answers are not shared.
 */
export function sharedAnswers(clock: Clock, version: () => number = () => 0) {
  const kept = new Map<string, Shared>();

  function keep(key: string, shared: Shared): void {
    // Newest last. An answer that began earlier may have older data, even if it finishes later.
    kept.delete(key);
    kept.set(key, shared);
    const [oldest] = kept.keys();
    if (kept.size > room && oldest !== undefined) kept.delete(oldest);
    shared.answer.catch(() => {
      if (kept.get(key) === shared) kept.delete(key);
    });
  }

  return async (c: Context, projectId: ProjectId, make: () => Promise<object>): Promise<Response> => {
    const { pathname, search } = new URL(c.req.url);
    const key = `${projectId} ${pathname}${search}`;
    const maxAgeMs = maxAgeOf(c);
    const now = clock.now().getTime();
    const current = version();
    let shared = kept.get(key);
    const isFresh =
      shared !== undefined &&
      maxAgeMs !== undefined &&
      shared.version === current &&
      now - shared.begunAt <= maxAgeMs;
    if (shared === undefined || !isFresh) {
      const isAwaited = shared !== undefined || maxAgeMs !== undefined;
      shared = { begunAt: now, version: current, answer: make().then(written) };
      if (isAwaited) keep(key, shared);
    }
    const { text, etag } = await shared.answer;
    c.header('ETag', etag);
    if (knows(c, etag)) return c.body(null, 304);
    return c.body(text, 200, { 'Content-Type': 'application/json' });
  };
}

export type SharedAnswers = ReturnType<typeof sharedAnswers>;

function written(value: object): Answer {
  const text = JSON.stringify(value);
  return { text, etag: `"${createHash('sha256').update(text).digest('base64url').slice(0, 27)}"` };
}

/** @returns undefined if the client does not send the directive. */
function maxAgeOf(c: Context): number | undefined {
  const seconds = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(c.req.header('cache-control') ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1000, longestAgeMs);
}

/** A proxy that compresses an answer makes its ETag weak: `W/"…"`. */
function knows(c: Context, etag: string): boolean {
  const known = (c.req.header('if-none-match') ?? '').split(',');
  return known.some((one) => one.trim().replace(/^W\//, '') === etag);
}
