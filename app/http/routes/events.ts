import { BerthError } from '../../core/model/errors.ts';
import type { ChangeSignal } from '../../lib/change-signal.ts';
import { addEndpoint } from '../add-endpoint.ts';
import type { Api } from '../api.ts';
import { anyCaller } from '../auth/access.ts';
import { type FollowerAccess, recheckMilliseconds } from '../follow-log.ts';
import type { HttpDeps } from '../http-deps.ts';
import { serverSentEvent } from '../schemas/text.ts';
import { streamOf } from '../stream-of.ts';

/** At most one event in this time. */
const minGapMs = 500;
const checkEveryMs = 1000;
/** After this long without an event a comment is sent, so that proxies keep the connection open. */
const heartbeatMs = 15_000;

/** `GET /events`: tells pages when to fetch again, where the server is one process. */
export function addEventRoute(api: Api): void {
  addEndpoint(
    api,
    {
      id: 'followChanges',
      method: 'get',
      path: '/events',
      tag: 'Server',
      summary: 'Follow changes as server-sent events',
      description:
        'An event `changed` says that some run or stack has changed since the event before. It contains no data, so fetch what you show with `If-None-Match`. A server of several processes has no such stream (404).',
      access: anyCaller('read'),
      errors: ['not_found'],
      responses: {
        200: { description: 'The events.', content: { 'text/event-stream': { schema: serverSentEvent } } },
      },
    },
    (c, { target: { caller } }) => {
      const { changes } = api.deps;
      if (changes === undefined) throw new BerthError('not_found', 'This server does not send events.');
      const access = { until: caller.validUntil, isAllowed: () => api.mayStillSee(c) };
      const events = streamOf((signal) => followChanges(api.deps, changes, signal, access), api.deps.log);
      return c.body(events, 200, {
        'Content-Type': 'text/event-stream; charset=utf-8',
        'Cache-Control': 'no-store',
        // nginx buffers responses otherwise.
        'X-Accel-Buffering': 'no',
      });
    },
  );
}

/** Ends the stream if the follower has lost its access. */
export async function* followChanges(
  deps: Pick<HttpDeps, 'clock' | 'pause'>,
  changes: Pick<ChangeSignal, 'next' | 'version'>,
  signal: AbortSignal,
  { until, isAllowed }: FollowerAccess,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let sentAt = deps.clock.now().getTime();
  let checkedAt = sentAt;
  let seen = changes.version();
  yield encoder.encode('retry: 2000\n: connected\n\n');
  while (!signal.aborted) {
    const now = deps.clock.now();
    if (until !== undefined && now >= until) return;
    if (now.getTime() - checkedAt >= recheckMilliseconds) {
      if (!(await isAllowed())) return;
      checkedAt = now.getTime();
    }
    if (changes.version() !== seen) {
      // Read before the event is sent, so that a change in between is not missed.
      seen = changes.version();
      sentAt = now.getTime();
      yield encoder.encode('event: changed\ndata:\n\n');
      await deps.pause(minGapMs);
    }
    if (changes.version() === seen) await changes.next(deps.pause(checkEveryMs));
    if (changes.version() === seen && deps.clock.now().getTime() - sentAt >= heartbeatMs) {
      sentAt = deps.clock.now().getTime();
      yield encoder.encode(': still here\n\n');
    }
  }
}
