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
  readonly answer: Promise<Answer>;
}

/** Answers that are kept; the oldest goes first. */
const room = 100;
/** The oldest that an answer gets, whatever a client would take. */
const longestAgeMs = 2000;

/**
 * Answers what many look at, made once for all who ask within the same moment.
 *
 * Only who says that an older answer will do, by `Cache-Control: max-age=1` as HTTP has it, gets one (RFC 9111, 5.2.1.1):
 * the pages that look again and again do, and programs, which may just have written something, need not know of this.
 * Each answer has an `ETag`, and who has it already is told that alone.
 *
 * To be asked after it is settled that the caller may see the project. What is shared must follow from the project, the
 * address and the time alone, and from nothing of the caller's.
 *
 * In the memory of this process. A function on AWS answers one request at a time and so seldom shares.
 */
export function sharedAnswers(clock: Clock) {
  const kept = new Map<string, Shared>();

  function keep(key: string, shared: Shared): void {
    // The newest at the end. One that began before has not seen what this one sees, however late it comes.
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
    let shared = kept.get(key);
    if (shared === undefined || maxAgeMs === undefined || now - shared.begunAt > maxAgeMs) {
      const isAwaited = shared !== undefined || maxAgeMs !== undefined;
      shared = { begunAt: now, answer: make().then(written) };
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

/** @returns undefined where a client says nothing of the kind. */
function maxAgeOf(c: Context): number | undefined {
  const seconds = /(?:^|[\s,])max-age=(\d{1,9})(?:$|[\s,])/i.exec(c.req.header('cache-control') ?? '')?.[1];
  return seconds === undefined ? undefined : Math.min(Number(seconds) * 1000, longestAgeMs);
}

/** What compresses an answer on its way makes its ETag a weak one, `W/"…"`. */
function knows(c: Context, etag: string): boolean {
  const known = (c.req.header('if-none-match') ?? '').split(',');
  return known.some((one) => one.trim().replace(/^W\//, '') === etag);
}
