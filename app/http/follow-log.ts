import { isTerminal } from '../core/model/run-state.ts';
import type { LogPage } from '../ports/logs.ts';
import type { HttpDeps } from './http-deps.ts';
import type { LogFeed } from './log-feed.ts';
import { workflowStatusView } from './views/workflow-view.ts';

/** The access of a follower, checked while it follows. */
export interface FollowerAccess {
  /** The stream ends then: the client reconnects, and its access is checked again. */
  readonly until?: Date | undefined;
  /** Whether the key or session is still valid; checked from time to time. */
  readonly isAllowed: () => Promise<boolean>;
}

/** The format of lines in the event `log`. `text`: one string. An empty line takes 2 bytes then, instead of 12. */
export const lineForms = ['objects', 'text'] as const;
type LineForm = (typeof lineForms)[number];

type FollowDeps = Pick<HttpDeps, 'clock' | 'publicUrl' | 'links' | 'logs' | 'limits'>;

/** After this long without an event a comment is sent, so that proxies keep the connection open. */
const heartbeatMilliseconds = 15_000;
/** How often the access of a follower is checked. */
export const recheckMilliseconds = 30_000;

/**
 * A run's log as server-sent events, live until the run has ended: `log` with lines, its ID the cursor to resume
 * from; `state` whenever the state changes; `end` at the end, after which a client does not connect again.
 *
 * The stream ends without `end` if the follower has lost its access.
 *
 * Each event is created when the previous one was read, so a slow reader delays only itself. If responses are
 * sent whole, this one ends with the lines so far, and the client connects again.
 */
export async function* followLog(
  deps: FollowDeps,
  join: () => LogFeed,
  from: string | undefined,
  signal: AbortSignal,
  access: FollowerAccess,
  lineForm: LineForm = 'objects',
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  let cursor = from;
  let shown = '';
  let checkedAt = deps.clock.now().getTime();
  let spokeAt = deps.clock.now().getTime();
  let room = deps.limits.wholeAnswers?.maxBytes ?? Number.POSITIVE_INFINITY;
  const event = (text: string): Uint8Array => {
    spokeAt = deps.clock.now().getTime();
    const bytes = encoder.encode(text);
    room -= bytes.length;
    return bytes;
  };

  // Joined here and not by the caller, so that a stream that is never read leaves nothing to undo.
  const feed = join();
  try {
    // Tells proxies and the client that the stream has begun, however long the first line takes.
    yield event('retry: 2000\n: connected\n\n');
    for (;;) {
      const now = deps.clock.now();
      if (access.until !== undefined && now >= access.until) return;
      if (now.getTime() - checkedAt >= recheckMilliseconds) {
        if (!(await access.isAllowed())) return;
        checkedAt = now.getTime();
      }
      const run = await feed.run();
      if (run === undefined) return;
      const state = JSON.stringify(workflowStatusView(deps, run));
      if (state !== shown) {
        shown = state;
        yield event(message('state', state));
      }
      const page = await feed.page(cursor);
      if (page.lines.length > 0) {
        const lines = logMessage(page, lineForm);
        // The events before it are enough for one answer; the client requests the rest.
        if (Buffer.byteLength(lines) > room && cursor !== from) return;
        cursor = page.cursor;
        yield event(lines);
        continue;
      }
      cursor = page.cursor;
      if (page.complete && isTerminal(run.state)) {
        yield event(message('end', state, cursor));
        return;
      }
      if (deps.limits.wholeAnswers !== undefined) return;
      if (deps.clock.now().getTime() - spokeAt >= heartbeatMilliseconds) yield event(': still here\n\n');
      await feed.nextPoll();
      if (signal.aborted) return;
    }
  } finally {
    feed.leave();
  }
}

function logMessage({ lines, cursor }: LogPage, form: LineForm): string {
  const data =
    form === 'text'
      ? { text: lines.map(({ text }) => `${text}\n`).join(''), ...timesOf(lines) }
      : { lines: lines.map(logLineView) };
  return message('log', JSON.stringify(data), cursor);
}

/** The times of lines, each with the index of the first line that has it: many lines have the time of the one before. */
function timesOf(lines: LogPage['lines']): { readonly times?: readonly (readonly [number, string])[] } {
  const times = lines.flatMap(({ at }, index): [number, string][] => {
    const isSame = at === undefined || at.getTime() === lines[index - 1]?.at?.getTime();
    return isSame ? [] : [[index, at.toISOString()]];
  });
  return times.length === 0 ? {} : { times };
}

/** JSON has no raw line breaks, so it fits in one `data` line; cursors have none either. */
function message(event: string, data: string, id?: string): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`;
}

export function logLineView({ at, text }: LogPage['lines'][number]): { text: string; at?: string } {
  return at === undefined ? { text } : { text, at: at.toISOString() };
}
