import { createHash } from 'node:crypto';
import type { Executor } from '../../ports/executor.ts';
import { standsForBranch } from '../branches/branch-of.ts';
import { isQueueBranch } from '../model/branch.ts';
import type { Cache } from '../model/cache.ts';
import { defaultBranchesOf, type Project } from '../model/project.ts';
import { isFromFork, type Run } from '../model/run.ts';
import { cacheKey } from '../model/run-keys.ts';

/** `github`: runs of commits that GitHub has on their branch. `api`: runs whose branch is what the request says. */
type CacheOrigin = 'github' | 'api';

/** Caches of a branch are apart by origin: a request can name any branch, with a commit that was never on it. */
export interface CacheScope {
  readonly branch: string;
  readonly origin: CacheOrigin;
}

/**
 * Lists the caches that a run may restore, in order: those of its own branch, its base, and the default branch.
 *
 * Code that Berth does not trust never reads by its branch, whose name may be that of another branch. A run that a
 * request started reads what runs on GitHub saved, and never writes there.
 */
export function cacheScopes(run: Run, project: Pick<Project, 'github'>): CacheScope[] {
  const { spec, github } = run;
  const base = github?.baseBranch === undefined ? [] : [github.baseBranch];
  const own = isFromFork(run) ? [] : [spec.branch];
  const branches = [...new Set([...own, ...base, ...defaultBranchesOf(project)])];
  const origins: CacheOrigin[] = originOf(run) === 'api' ? ['api', 'github'] : ['github'];
  return branches.flatMap((branch) => origins.map((origin) => ({ branch, origin })));
}

/** Where a run saves its caches, if it may. */
export function ownCacheScope(run: Pick<Run, 'spec' | 'github'>): CacheScope {
  return { branch: run.spec.branch, origin: originOf(run) };
}

function originOf({ github }: Pick<Run, 'github'>): CacheOrigin {
  return github === undefined ? 'api' : 'github';
}

/**
 * Returns the caches of a run as its task uses them. A machine that keeps the home directory of its tasks keeps what is
 * outside of the checkout too: a cache without paths is one that it keeps.
 */
export function usedCaches({ spec }: Pick<Run, 'spec'>, { keepsHome }: Pick<Executor, 'keepsHome'>): Cache[] {
  return (spec.caches ?? []).map(({ name, key, paths }) => ({
    name,
    key: [...key],
    paths: paths.filter((path) => keepsHome !== true || !/^[~/]/.test(path)),
  }));
}

/**
 * Whether a run may save caches. The branch of a merge group lives for one attempt, so its caches would never be read.
 * A tag may have the name of a branch, whose caches are not for those who can only push tags.
 */
export function savesCaches(run: Pick<Run, 'spec' | 'github' | 'trigger'>): boolean {
  return standsForBranch(run) && run.trigger.kind !== 'merge_group' && !isQueueBranch(run.spec.branch);
}

/**
 * Returns the key of the object with the newest archive of a cache in a scope. Suites share a cache that is the same in
 * name, key, paths and image.
 */
export function cacheObjectKey(
  { projectId, spec }: Pick<Run, 'projectId' | 'spec'>,
  { name, key, paths }: Cache,
  { branch, origin }: CacheScope,
): string {
  const scope = digest([repositoryOf(spec.source), branch, origin]);
  return cacheKey(projectId, scope, digest([name, key, paths, spec.image ?? null]));
}

/** A project can test several repositories. Caches of uploaded archives, which contain unfinished work, stay separate. */
function repositoryOf({ kind, url }: Run['spec']['source']): string {
  return kind === 'archive'
    ? 'upload'
    : url
        .replace(/\/+$/, '')
        .replace(/\.git$/, '')
        .toLowerCase();
}

function digest(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 40);
}
