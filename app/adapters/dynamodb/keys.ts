import { createHash } from 'node:crypto';
import type { BranchKey } from '../../core/model/branch.ts';
import { type Holder, type ProjectId, projectId, type RunId, runId } from '../../core/model/ids.ts';
import type { Month } from '../../lib/month.ts';

/** The primary key of an item. */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** The primary key of an item, or of an entry of an index. */
export function keyOf({ pk, sk }: Readonly<Record<string, unknown>>): Key {
  return { pk: String(pk), sk: String(sk) };
}

/** The kinds of due items. Each has a separate partition in the index `due`. */
export const dueShards = {
  runs: 'RUNS',
  stacks: 'STACKS',
  deliveries: 'DELIVERIES',
  branches: 'BRANCHES',
  comments: 'COMMENTS',
} as const;

/** Encodes a project ID as a part of a key, without the separator, so that no two IDs share a key. */
export function keyPart(id: ProjectId): string {
  return id.replace(/[%#]/g, (sign) => (sign === '%' ? '%25' : '%23'));
}

export function poolPartition(id: ProjectId): string {
  return `POOL#${keyPart(id)}`;
}

export function stackKey(id: ProjectId, number: number): Key {
  return { pk: poolPartition(id), sk: `STACK#${stackDigits(number)}` };
}

export function ticketKey(id: ProjectId, number: number): Key {
  return { pk: poolPartition(id), sk: `TICKET#${ticketDigits(number)}` };
}

/** Counts the tickets of a project. */
export function counterKey(id: ProjectId): Key {
  return { pk: poolPartition(id), sk: 'COUNTER' };
}

/** Outside the pool's partition: holders may be many, and are only ever read one at a time. */
export function holderKey(id: ProjectId, holder: Holder): Key {
  // A partition key has at most 2,048 bytes.
  const name = Buffer.byteLength(holder) <= 1000 ? holder : `sha256:${digest(holder)}`;
  return { pk: `HOLDER#${keyPart(id)}#${name}`, sk: 'HOLDER' };
}

export function branchKey({ projectId: id, repositoryId, name }: BranchKey): Key {
  return { pk: `BRANCH#${keyPart(id)}#${repositoryId}#${name}`, sk: 'BRANCH' };
}

/** The comment that Berth keeps in a pull request. */
export function pullCommentKey(id: ProjectId, number: number): Key {
  return { pk: `COMMENT#${keyPart(id)}#${number}`, sk: 'COMMENT' };
}

/** The check runs of a commit. */
export function commitKey(id: ProjectId, sha: string): Key {
  return { pk: `COMMIT#${keyPart(id)}#${sha}`, sk: 'COMMIT' };
}

/** Outside the pool's partition: only people read the history. */
export function holdHistoryPartition(id: ProjectId, number: number): string {
  return `HOLDS#${keyPart(id)}#${stackDigits(number)}`;
}

export function pastHoldKey(id: ProjectId, number: number, place: number): Key {
  return { pk: holdHistoryPartition(id, number), sk: `HOLD#${String(place).padStart(3, '0')}` };
}

export function runKey(id: RunId): Key {
  return { pk: `RUN#${id}`, sk: 'RUN' };
}

export function costPartition(id: ProjectId, month: Month): string {
  return `COSTS#${keyPart(id)}#${month}`;
}

/** A run ends once, so its cost has one key. */
export function costKey(id: ProjectId, month: Month, run: RunId): Key {
  return { pk: costPartition(id, month), sk: `COST#${run}` };
}

export function runOfCostKey(sk: string): RunId {
  return runId(idOf(sk));
}

export function projectKey(id: ProjectId): Key {
  return { pk: `PROJECT#${id}`, sk: 'PROJECT' };
}

export function apiKeyKey(hash: string): Key {
  return { pk: `KEY#${hash}`, sk: 'KEY' };
}

export function deliveryKey(id: string): Key {
  return { pk: `DELIVERY#${id}`, sk: 'DELIVERY' };
}

export function sessionKey(id: string): Key {
  return { pk: `SESSION#${id}`, sk: 'SESSION' };
}

/** Totals of all projects together. */
export const slotsKey: Key = { pk: 'SLOTS', sk: 'SLOTS' };

/** The slots of a concurrency group. Its name can have any characters, so the key has its hash. */
export function groupSlotsKey(id: ProjectId, group: string): Key {
  return { pk: `GROUP#${keyPart(id)}#${createHash('sha256').update(group).digest('hex')}`, sk: 'SLOTS' };
}

/** Encodes a project for the name of an attribute. */
export function projectPart(id: ProjectId): string {
  return digest(id).slice(0, 16);
}

/** The opposite of {@link keyPart}. */
export function projectOfKeyPart(part: string): ProjectId {
  return projectId(part.replaceAll('%23', '#').replaceAll('%25', '%'));
}

/** The time when a maintenance chore may run again. */
export function choreKey(chore: string): Key {
  return { pk: `CHORE#${chore}`, sk: 'CHORE' };
}

/** The quota of the account: one item. */
export const quotaKey: Key = { pk: 'QUOTA', sk: 'QUOTA' };

export function orphanKey(arn: string): Key {
  return { pk: `ORPHAN#${arn}`, sk: 'ORPHAN' };
}

/** The part after the first `#` of a key. */
export function idOf(key: string): string {
  return key.slice(key.indexOf('#') + 1);
}

/** Formats a number so that it sorts as text; the number of a stack has at most eight digits. */
export function stackDigits(number: number): string {
  return String(number).padStart(8, '0');
}

/**
 * Formats a number so that the highest sorts first. Reading an index backwards
 * would do the same, but LevelDB, under the embedded database, reads backwards several times slower.
 */
export function descendingDigits(number: number): string {
  return stackDigits(maxStackNumber - number);
}

export function numberOfDescending(digits: string): number {
  return maxStackNumber - Number(digits);
}

const maxStackNumber = 99_999_999;

export function ticketDigits(number: number): string {
  return String(number).padStart(12, '0');
}

/** A key that sorts by the moment first. */
export function timeKey(at: Date, ...rest: readonly string[]): string {
  return [at.toISOString(), ...rest].join('#');
}

/** The moment of a {@link timeKey}. */
export function timeOfKey(key: string): Date {
  return new Date(key.slice(0, key.indexOf('#')));
}

/** A key that sorts by the moment, the latest first. */
export function descendingTimeKey(at: Date, ...rest: readonly string[]): string {
  return [String(latest - at.getTime()).padStart(16, '0'), ...rest].join('#');
}

/** The last moment of a Date, in milliseconds. */
const latest = 8.64e15;

/** Sorts after every {@link timeKey} up to `at`, that moment included, and before every later one. */
export function afterTime(at: Date): string {
  return new Date(at.getTime() + 1).toISOString();
}

/** Encodes a branch as a part of a key of fixed length. */
export function branchPart(branch: string): string {
  return digest(branch).slice(0, 32);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
