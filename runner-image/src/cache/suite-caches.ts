import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { CacheUse } from '../../../app/core/model/cache.ts';
import type { Job, JobResult } from '../../../app/core/model/job.ts';
import { durationText, sizeText } from '../../../app/lib/format.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import type { Cancellation } from '../cancellation.ts';
import type { UploadTargets } from '../http/upload-targets.ts';
import type { RunLog } from '../output/run-log.ts';
import { errorText } from '../runner-error.ts';
import type { Workspace } from '../workspace.ts';
import type { ArchiveHeader } from './archive-header.ts';
import { cacheKey, platformName } from './cache-key.ts';
import { packCache } from './pack-cache.ts';
import { type JobCache, type Restored, restoreCache } from './restore-cache.ts';

export interface CacheDeps {
  readonly workspace: Workspace;
  readonly log: RunLog;
  readonly cancellation: Cancellation;
  /** The home directory of the commands. */
  readonly home: string;
  readonly now: () => Date;
}

/** A cache of the job after its restore. */
interface OpenCache {
  readonly cache: JobCache;
  /** Undefined if no file of the repository matches the key. */
  readonly key: string | undefined;
  readonly use: CacheUse;
  readonly header?: ArchiveHeader;
}

export interface SuiteCaches {
  readonly caches: readonly OpenCache[];
  readonly home: string;
  readonly platform: string;
}

/** A run does not wait longer for its caches than it would for most setups. */
const restoreLimitMs = 4 * 60_000;
const saveLimitMs = 4 * 60_000;

/** Restores the caches of a job, one after the other. A cache that cannot be restored is a miss. */
export async function restoreCaches(job: Job, deps: CacheDeps): Promise<SuiteCaches> {
  const platform = await platformName();
  const signal = AbortSignal.any([deps.cancellation.requested, AbortSignal.timeout(restoreLimitMs)]);
  const caches: OpenCache[] = [];
  for (const cache of job.caches) {
    const startedAt = deps.now().getTime();
    const opened = await openCache(cache, platform, signal, deps).catch((error: unknown) => ({
      key: undefined,
      notes: [`The cache could not be read: ${errorText(error)}.`],
    }));
    deps.cancellation.requested.throwIfAborted();
    const restored = 'restored' in opened ? opened.restored : undefined;
    const use = useOf(cache, restored, opened.notes, (deps.now().getTime() - startedAt) / 1000);
    deps.log.say(restoreText(use));
    caches.push({ cache, key: opened.key, use, ...omitUndefined({ header: restored?.header }) });
  }
  return { caches, home: deps.home, platform };
}

async function openCache(
  cache: JobCache,
  platform: string,
  signal: AbortSignal,
  { workspace, home, now }: CacheDeps,
): Promise<{ key: string | undefined; restored?: Restored; notes: readonly string[] }> {
  if (cache.paths.length === 0) return { key: undefined, notes: [] };
  const key = await cacheKey(workspace.checkout, cache.key);
  if (key === undefined) {
    return { key, notes: [`No file matches the key ${cache.key.join(', ')}, so nothing is cached.`] };
  }
  await mkdir(workspace.private, { recursive: true });
  const { checkout, private: directory } = workspace;
  return {
    key,
    ...(await restoreCache(cache, { checkout, home, directory, key, platform, now: now(), signal })),
  };
}

function useOf(
  { name, paths }: JobCache,
  restored: Restored | undefined,
  notes: readonly string[],
  seconds: number,
): CacheUse {
  const note = notes.length === 0 ? {} : { note: notes.join(' ').slice(0, 500) };
  if (paths.length === 0) return { name, outcome: 'kept' };
  if (restored === undefined) return { name, outcome: 'miss', ...note };
  const { outcome, branch, sizeBytes } = restored;
  return { name, outcome, branch, sizeBytes, restoreSeconds: seconds, ...note };
}

function restoreText({ name, outcome, branch, sizeBytes = 0, restoreSeconds = 0, note }: CacheUse): string {
  const why = note === undefined ? '' : ` ${note}`;
  if (outcome === 'kept') return `Cache ${name}: this machine keeps its files.`;
  if (outcome === 'miss') return `Cache ${name}: nothing restored.${why}`;
  const what = `restored ${sizeText(sizeBytes)} of branch ${JSON.stringify(branch)} in ${durationText(restoreSeconds)}.`;
  const partial = outcome === 'partial' ? ' Its key files differ.' : '';
  return `Cache ${name}: ${what}${partial}${why}`;
}

/** Saves the caches of a run that succeeded, except those that are saved already. Never throws. */
export async function saveCaches(
  { caches, home, platform }: SuiteCaches,
  phases: JobResult['phases'],
  targets: UploadTargets,
  { workspace, log, cancellation, now }: CacheDeps,
): Promise<CacheUse[]> {
  const signal = AbortSignal.any([cancellation.requested, AbortSignal.timeout(saveLimitMs)]);
  const uses: CacheUse[] = [];
  for (const [index, { cache, key, use, header }] of caches.entries()) {
    const target = targets.current().caches[index];
    if (key === undefined || use.outcome === 'hit' || target === undefined) {
      uses.push(use);
      continue;
    }
    const startedAt = now();
    try {
      const setupSeconds = header === undefined ? setupSecondsOf(phases) : header.setupSeconds;
      const body = await packCache({
        checkout: workspace.checkout,
        home,
        paths: cache.paths,
        archive: join(workspace.private, 'cache'),
        maxBytes: target.maxBytes,
        signal,
        header: {
          key,
          platform,
          savedAt: startedAt.toISOString(),
          generation: header === undefined ? 0 : header.generation + 1,
          ...omitUndefined({ setupSeconds }),
        },
      });
      if (body === undefined) throw new Error('none of its paths exists');
      await targets.putCache(index, body, { contentType: 'application/octet-stream', signal });
      const saveSeconds = (now().getTime() - startedAt.getTime()) / 1000;
      log.say(`Cache ${cache.name}: saved ${sizeText(body.sizeBytes)} in ${durationText(saveSeconds)}.`);
      uses.push({ ...use, savedBytes: body.sizeBytes, saveSeconds });
    } catch (error) {
      const reason = `Not saved: ${signal.aborted ? 'it took too long' : errorText(error)}.`;
      log.say(`Cache ${cache.name}: ${reason}`);
      uses.push({ ...use, note: [use.note, reason].filter(Boolean).join(' ').slice(0, 500) });
    }
  }
  return uses;
}

/** How much longer the setup took without the caches. @returns undefined if that is not known of each of them. */
export function savedSeconds({ caches }: SuiteCaches, phases: JobResult['phases']): number | undefined {
  const own = setupSecondsOf(phases);
  const before = caches.map(({ header }) => header?.setupSeconds);
  if (own === undefined || caches.length === 0 || before.includes(undefined)) return undefined;
  const restore = caches.reduce((sum, { use }) => sum + (use.restoreSeconds ?? 0), 0);
  return Math.max(0, Math.max(...before.map((seconds) => seconds ?? 0)) - own - restore);
}

function setupSecondsOf(phases: JobResult['phases']): number | undefined {
  const setup = phases.find(({ name }) => name === 'setup');
  if (setup?.finishedAt === undefined) return undefined;
  return (Date.parse(setup.finishedAt) - Date.parse(setup.startedAt)) / 1000;
}
