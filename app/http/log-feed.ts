import type { RunId } from '../core/model/ids.ts';
import type { Run } from '../core/model/run.ts';
import type { LogPage } from '../ports/logs.ts';
import type { HttpDeps } from './http-deps.ts';

type FeedDeps = Pick<HttpDeps, 'store' | 'logs' | 'pause' | 'limits'>;

/** The state that followers of one log share. */
export interface LogFeed {
  /** The run at the last read. */
  run(): Promise<Run | undefined>;
  /** The lines after a cursor; empty if there are none yet. */
  page(cursor: string | undefined): Promise<LogPage>;
  /** Resolves when the next read is due, for all followers together. */
  nextPoll(): Promise<void>;
  /** The follower has disconnected. */
  leave(): void;
}

const linesPerPage = 1000;
/** The memory of a line in addition to its text, in bytes; most of a log may be empty lines. */
const bytesPerLine = 64;
/** Room for the recent pages of each log that is being followed, in bytes. */
const roomPerFeed = 4 * 1024 * 1024;

/**
 * Lets any number of followers read a log at the cost of one: all followers of a run read at the same time,
 * share those reads, and find pages that another one has read already. All followers read the same
 * pages in the same order, so they soon all request the same next one.
 *
 * @returns joins the followers of a run.
 */
export function logFeeds(deps: FeedDeps): (id: RunId, service?: string) => LogFeed {
  const feeds = new Map<string, { feed: Omit<LogFeed, 'leave'>; followers: number }>();

  return (id, service) => {
    const key = JSON.stringify([id, service]);
    const entry = feeds.get(key) ?? { feed: createFeed(deps, id, service), followers: 0 };
    entry.followers += 1;
    feeds.set(key, entry);
    return {
      ...entry.feed,
      leave() {
        entry.followers -= 1;
        if (entry.followers === 0) feeds.delete(key);
      },
    };
  };
}

function createFeed(deps: FeedDeps, id: RunId, service: string | undefined): Omit<LogFeed, 'leave'> {
  const recent = recentPages();
  /** Reads in progress, and those of the current round that found nothing, by cursor. */
  let reads = new Map<string | undefined, Promise<LogPage>>();
  let seenRun: Promise<Run | undefined> | undefined;
  let look: Promise<void> | undefined;

  const run = () => {
    seenRun ??= deps.store.runs.get(id);
    return seenRun;
  };

  async function read(cursor: string | undefined): Promise<LogPage> {
    const known = await run();
    if (known === undefined) return { lines: [], cursor: cursor ?? '', complete: true };
    const page = await deps.logs.read(known, cursor, linesPerPage, service);
    if (page.lines.length > 0) {
      recent.keep(cursor, page);
      reads.delete(cursor);
    }
    return page;
  }

  return {
    run,
    async page(cursor) {
      const known = recent.find(cursor);
      if (known !== undefined) return known;
      const underWay = reads.get(cursor) ?? read(cursor);
      reads.set(cursor, underWay);
      return underWay;
    },
    nextPoll() {
      look ??= deps.pause(deps.limits.followEveryMilliseconds).then(() => {
        reads = new Map();
        seenRun = undefined;
        look = undefined;
      });
      return look;
    },
  };
}

/** Pages by their cursor, the oldest removed first. A page never changes. */
function recentPages() {
  const pages = new Map<string | undefined, { page: LogPage; size: number }>();
  let size = 0;
  return {
    find: (cursor: string | undefined) => pages.get(cursor)?.page,
    keep(cursor: string | undefined, page: LogPage) {
      const sizeOfPage = page.lines.reduce((sum, { text }) => sum + bytesPerLine + text.length, 0);
      size += sizeOfPage - (pages.get(cursor)?.size ?? 0);
      pages.set(cursor, { page, size: sizeOfPage });
      for (const [oldest, kept] of pages) {
        if (size <= roomPerFeed) return;
        pages.delete(oldest);
        size -= kept.size;
      }
    },
  };
}
