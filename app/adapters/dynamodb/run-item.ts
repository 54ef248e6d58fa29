import { z } from 'zod';
import { BerthError } from '../../core/model/errors.ts';
import type { Outcome } from '../../core/model/outcome.ts';
import { isActive, type Run, startingTask } from '../../core/model/run.ts';
import { markRunning } from '../../core/model/run-transitions.ts';
import type { TaskStatus } from '../../core/model/task.ts';
import type { Item } from './dynamo-table.ts';
import { dueShards, type Key, keyPart, runKey, timeKey } from './keys.ts';
import { currentVersion, migrate, versionAttribute } from './migrations.ts';
import { parseItem, storedDate } from './parse-item.ts';
import { runSchema, taskStatusSchema } from './run-schema.ts';

/** An item has at most 400 KB, with the names of its attributes. */
const maxItemBytes = 380_000;

/** Replaces a text that had to be cut. The complete text is in the run's report and log. */
const cutMark = '… (cut: the report has the rest)';

/**
 * A run as one item: all of it as a JSON document, and the attributes that the indexes need.
 *
 * A JSON document, not a map of DynamoDB: half the size on the wire, one attribute for any fields of a run,
 * and its size is known before it is sent.
 *
 * @param retentionDays days until DynamoDB deletes the item of a settled run. If omitted, it keeps the item.
 * @throws BerthError `body_too_large` if the specification of the run is too large to store.
 */
export function toRunItem(run: Run, retentionDays?: number): Item & Key {
  const item = { ...bareItem(run), ...expiryOf(run, retentionDays) };
  const document = fittingDocument(run, maxItemBytes - Buffer.byteLength(JSON.stringify(item)));
  return { ...item, document };
}

/** @throws Error if the item is not a run. */
export function toRun(item: Item): Run {
  const { document, revision, [versionAttribute]: version } = item;
  const parsed: unknown = typeof document === 'string' ? JSON.parse(document) : undefined;
  const { [versionAttribute]: _, ...current } = migrate('run', {
    [versionAttribute]: version,
    ...Object(parsed),
  });
  const run = { ...parseItem(runSchema, current, item), revision: Number(revision) };
  return typeof item.started === 'string' ? withStart(run, item.started, item) : run;
}

const startSchema = z.object({ at: storedDate, status: taskStatusSchema });

/** The start of a run's task as an attribute next to its document, which is not read for it. The next save includes it. */
export function startedText(status: TaskStatus, at: Date): string {
  return JSON.stringify({ at, status });
}

function withStart(run: Run, text: string, item: Item): Run {
  const { at, status } = parseItem(startSchema, Object(JSON.parse(text)), item);
  return { ...markRunning(run, status, at), updatedAt: at };
}

export function runList(projectId: Run['projectId']): string {
  return `RUNS#${keyPart(projectId)}`;
}

export function activeList(projectId: Run['projectId']): string {
  return `ACTIVE#${keyPart(projectId)}`;
}

function bareItem(run: Run): Item & Key {
  const { id, projectId, spec, sha, trigger, dueAt } = run;
  return {
    ...runKey(id),
    kind: 'run',
    [versionAttribute]: currentVersion('run'),
    revision: run.revision,
    listKey: runList(projectId),
    listSort: timeKey(run.createdAt, id),
    state: run.state,
    branch: spec.branch,
    suite: spec.suite,
    sha,
    actor: trigger.actor,
    startingTask: startingTask(run),
    searchText: searchTextOf(run),
    ...(isActive(run) ? { activeKey: activeList(projectId) } : {}),
    ...(dueAt === undefined ? {} : { dueShard: dueShards.runs, dueKey: timeKey(dueAt, id) }),
  };
}

/**
 * DynamoDB deletes only settled runs: until then, the run still has work to do. It does not know whether a stack still gets the
 * command of its teardown from the run, so it never deletes a run with one: the maintenance does.
 */
function expiryOf({ settledAt, spec }: Run, retentionDays: number | undefined): { ttl?: number } {
  if (settledAt === undefined || spec.teardown !== undefined || retentionDays === undefined) return {};
  return { ttl: Math.ceil(settledAt.getTime() / 1000) + retentionDays * 24 * 3600 };
}

/** The searchable texts of a run, each on a separate line, so that {@link searchLine} finds it whole. */
function searchTextOf({ id, spec, sha, commit, trigger, github, held }: Run): string {
  const lines = [
    id,
    spec.branch,
    spec.suite,
    sha ?? '',
    spec.command,
    commit?.message ?? '',
    commit?.author ?? '',
    searchLine('trigger', trigger.kind),
    searchLine('pull_request', github?.pullRequest),
    searchLine('stack', held?.stackName),
  ];
  return searchable(lines.join('\n'));
}

const initials = { trigger: 't', pull_request: 'p', stack: 's' } as const;

/** Encodes a fact that is not an attribute of the index as a line of its text. */
export function searchLine(name: keyof typeof initials, value: string | number | undefined): string {
  // Control characters do not occur in searches.
  return value === undefined ? '' : searchable(`\u0001${initials[name]}${value}\u0001`);
}

/** Normalizes text for a search that ignores case. */
export function searchable(text: string): string {
  return text.toLowerCase();
}

/** Ways to make an outcome smaller, the least loss first. */
const cuts: readonly ((outcome: Outcome) => Outcome)[] = [
  (outcome) => withFailures(outcome, { details: 1000, message: 2000 }),
  (outcome) => ({ ...withFailures(outcome, { details: 0, message: 500 }), logTail: tail(outcome, 20) }),
  (outcome) => ({
    ...withFailures(outcome, { details: 0, message: 100 }),
    logTail: tail(outcome, 5),
    artifacts: outcome.artifacts.slice(0, 100),
    warnings: outcome.warnings.slice(0, 20),
  }),
  (outcome) => ({ ...outcome, failures: [], logTail: [], artifacts: [], warnings: [] }),
  ({ outputs: _, ...outcome }) => ({
    ...outcome,
    summary: cutTo(outcome.summary, 1000),
    failures: [],
    logTail: [],
    artifacts: [],
    warnings: [
      { code: 'result_cut', message: 'The results and outputs of this run are too large to store.' },
    ],
  }),
];

function fittingDocument(run: Run, maxBytes: number): string {
  const whole = JSON.stringify(run);
  if (Buffer.byteLength(whole) <= maxBytes) return whole;
  const { outcome } = run;
  if (outcome !== undefined) {
    for (const cut of cuts) {
      const document = JSON.stringify({ ...run, outcome: cut(outcome) });
      if (Buffer.byteLength(document) <= maxBytes) return document;
    }
  }
  throw new BerthError('body_too_large', `Run ${run.id} is too large to store: over ${maxBytes} bytes.`, {
    hint: 'Shorten its command, its environment or its list of artifacts.',
  });
}

function withFailures(outcome: Outcome, most: { details: number; message: number }): Outcome {
  const failures = outcome.failures.map(({ details, ...failure }) => ({
    ...failure,
    message: cutTo(failure.message, most.message),
    ...(details === undefined || most.details === 0 ? {} : { details: cutTo(details, most.details) }),
  }));
  return { ...outcome, failures };
}

function tail(outcome: Outcome, lines: number): readonly string[] {
  return outcome.logTail.slice(-lines).map((line) => cutTo(line, 1000));
}

function cutTo(text: string, length: number): string {
  return text.length <= length ? text : text.slice(0, length) + cutMark;
}
