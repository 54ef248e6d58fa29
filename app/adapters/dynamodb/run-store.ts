import { LostRace } from '../../core/model/errors.ts';
import { type ProjectId, runId } from '../../core/model/ids.ts';
import { retryLostRace } from '../../core/model/retry-lost-race.ts';
import { isActive, type Run } from '../../core/model/run.ts';
import type { Page, RunFilter, RunStore } from '../../ports/store.ts';
import { fromCursor, toCursor } from './cursor.ts';
import type { DynamoTable, Item } from './dynamo-table.ts';
import type { Condition } from './expressions.ts';
import { afterTime, dueShards, idOf, keyOf, runKey, timeOfKey } from './keys.ts';
import { listDue } from './list-due.ts';
import { activeList, runList, searchable, searchLine, startedText, toRun, toRunItem } from './run-item.ts';
import { indexes } from './table-definition.ts';

/** Index entries read for one page of a filtered list. Rarer matches are found by following the cursor. */
const filtered = { pageSize: 500, mostPages: 10 };

/** Index entries read at a time, below the limit of 1 MB. */
const mostAtATime = 1_000;

/**
 * Runs: an item each, read whole; listed through indexes that hold what lists are filtered by.
 *
 * @param options.retentionDays days until DynamoDB deletes a settled run. If omitted, it keeps the run.
 */
export function createRunStore(
  table: DynamoTable,
  { retentionDays }: { readonly retentionDays?: number } = {},
): RunStore {
  const itemOf = (run: Run) => toRunItem(run, retentionDays);
  const read = async (listed: readonly Item[]): Promise<Run[]> =>
    (await table.getAll(listed.map(keyOf))).flatMap(readable);
  const activeRuns = (projectId: ProjectId) => ({
    index: indexes.active.name,
    key: { when: '#activeKey = :active', values: { ':active': activeList(projectId) } },
  });

  return {
    async create(run) {
      return retryLostRace(async () => {
        if (await table.put(itemOf(run), { when: 'attribute_not_exists(#pk)' }))
          return { run, created: true };
        const item = await table.get(runKey(run.id));
        if (item === undefined) throw new LostRace(`run ${run.id} was deleted`);
        return { run: toRun(item), created: false };
      });
    },

    async get(id) {
      const item = await table.get(runKey(id));
      return item === undefined ? undefined : toRun(item);
    },

    async getAll(ids) {
      return (await table.getAll(ids.map(runKey))).flatMap(readable);
    },

    async save(run, now) {
      const next = { ...run, revision: run.revision + 1, updatedAt: now };
      const condition = { when: '#revision = :seen', values: { ':seen': run.revision } };
      if (await table.put(itemOf(next), condition)) return next;
      throw new LostRace(`run ${run.id} is no longer at revision ${run.revision}`);
    },

    async noteStarted(id, status, now) {
      const change = {
        set: { state: 'running', startingTask: undefined, started: startedText(status, now) },
        add: { revision: 1 },
      };
      const written = await table.updateIf(runKey(id), change, {
        when: '#startingTask = :arn AND #dueKey >= :later',
        values: { ':arn': status.arn, ':later': afterTime(now) },
      });
      return written.done ? toRun(written.item) : undefined;
    },

    async list(projectId, filter, { limit, cursor }) {
      return listRuns({ table, read, projectId, filter, limit, cursor });
    },

    async listActive(projectId) {
      const runs = await read(await table.queryAll(activeRuns(projectId)));
      return runs.filter(isActive);
    },

    async listActiveIds(projectId) {
      return (await table.queryAll(activeRuns(projectId))).map(({ pk }) => runId(idOf(String(pk))));
    },

    async listEnded(projectId, before, limit) {
      const items = await table.queryAll({
        index: indexes.list.name,
        key: listedBetween(runList(projectId), { before }),
        // Few runs that old have not ended.
        limit: limit + 100,
      });
      const settled = (await read(items)).filter(({ settledAt }) => settledAt !== undefined);
      return settled.slice(0, limit);
    },

    async createdAtPlace(projectId, place) {
      const key = { when: '#listKey = :list', values: { ':list': runList(projectId) } };
      let startAfter: Item | undefined;
      for (let left = place; ; ) {
        const limit = Math.min(left, mostAtATime);
        const page = await table.query({ index: indexes.list.name, key, backwards: true, limit, startAfter });
        left -= page.items.length;
        const last = page.items.at(-1);
        if (left <= 0 && last !== undefined) return timeOfKey(String(last.listSort));
        if (page.next === undefined) return undefined;
        startAfter = page.next;
      }
    },

    async delete(id) {
      await table.delete(runKey(id));
    },

    async due(now, limit) {
      const items = await listDue(table, dueShards.runs, now, limit);
      return items.map((item) => runId(idOf(String(item.pk))));
    },
  };
}

interface Listing {
  readonly table: DynamoTable;
  readonly read: (listed: readonly Item[]) => Promise<Run[]>;
  readonly projectId: ProjectId;
  readonly filter: RunFilter;
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** Reads one page. If few runs match the filter, it may be short or empty and still have a cursor. */
async function listRuns({ table, read, projectId, filter, limit, cursor }: Listing): Promise<Page<Run>> {
  const after = cursor === undefined ? undefined : fromCursor(cursor);
  if (filter.states?.length === 0) return { items: [] };
  // DynamoDB refuses a range that ends before it begins.
  if (filter.since !== undefined && filter.before !== undefined && filter.since > filter.before)
    return { items: [] };
  const listKey = runList(projectId);
  const condition = filterCondition(filter);
  const items: Run[] = [];
  let startAfter: Item | undefined = after && {
    ...runKey(runId(after.id)),
    listKey,
    listSort: after.listSort,
  };
  for (let pages = 0; pages < filtered.mostPages; pages += 1) {
    const page = await table.query({
      index: indexes.list.name,
      key: listedBetween(listKey, filter),
      filter: condition,
      backwards: true,
      // One more than wanted tells whether there is a next page.
      limit: condition === undefined ? limit - items.length + 1 : filtered.pageSize,
      startAfter,
    });
    const wanted = page.items.slice(0, limit - items.length);
    items.push(...(await read(wanted)).filter((run) => stillMatches(run, filter)));
    const last = wanted.at(-1);
    if (last !== undefined && wanted.length < page.items.length) return { items, cursor: cursorAt(last) };
    if (page.next === undefined) return { items };
    startAfter = page.next;
    if (items.length >= limit) break;
  }
  return startAfter === undefined ? { items } : { items, cursor: cursorAt(startAfter) };
}

/** Filters again: the index may lag behind the runs, and matches some filters only as text. */
function stillMatches(run: Run, { states, pullRequest, trigger, stack }: RunFilter): boolean {
  return (
    (states?.includes(run.state) ?? true) &&
    (pullRequest === undefined || run.github?.pullRequest === pullRequest) &&
    (trigger === undefined || run.trigger.kind === trigger) &&
    (stack === undefined || run.held?.stackName === stack)
  );
}

/** A moment as the beginning of a sort key comes before everything of that moment. */
function listedBetween(listKey: string, { before, since }: Pick<RunFilter, 'before' | 'since'>): Condition {
  // A condition of a key is one range.
  const to = before === undefined ? afterAllTimes : sortedTime(before);
  return since === undefined && before === undefined
    ? { when: '#listKey = :list', values: { ':list': listKey } }
    : {
        when: '#listKey = :list AND #listSort BETWEEN :since AND :before',
        values: { ':list': listKey, ':since': since === undefined ? '0' : sortedTime(since), ':before': to },
      };
}

const afterAllTimes = '9';

/** Formats a time as text that sorts. From the year 10000 on, ISO 8601 has a sign, which sorts before every digit. */
function sortedTime(time: Date): string {
  const text = time.toISOString();
  return text.startsWith('+') ? afterAllTimes : text;
}

function cursorAt(item: Item): string {
  return toCursor(String(item.listSort));
}

function filterCondition(filter: RunFilter): Condition | undefined {
  const parts: string[] = [];
  const values: Record<string, unknown> = {};
  for (const name of ['branch', 'suite', 'actor'] as const) {
    if (filter[name] === undefined) continue;
    parts.push(`#${name} = :${name}`);
    values[`:${name}`] = filter[name];
  }
  if (filter.sha !== undefined) {
    parts.push('begins_with(#sha, :sha)');
    values[':sha'] = filter.sha;
  }
  if (filter.states !== undefined) {
    const states = [...new Set(filter.states)];
    parts.push(`#state IN (${states.map((state) => `:${state}`).join(', ')})`);
    for (const state of states) values[`:${state}`] = state;
  }
  const contains = (name: string, text: string): void => {
    if (text === '') return;
    parts.push(`contains(#searchText, :${name})`);
    values[`:${name}`] = text;
  };
  contains('text', searchable(filter.text ?? ''));
  contains('trigger', searchLine('trigger', filter.trigger));
  contains('pullRequest', searchLine('pull_request', filter.pullRequest));
  contains('stack', searchLine('stack', filter.stack));
  return parts.length === 0 ? undefined : { when: parts.join(' AND '), values };
}

/** Skips a run that this version cannot read, so that lists show the others. The sweep reports it while it is due. */
function readable(item: Item): Run[] {
  try {
    return [toRun(item)];
  } catch {
    return [];
  }
}
