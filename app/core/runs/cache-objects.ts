import { createHash } from 'node:crypto';
import type { Cache } from '../model/cache.ts';
import { isQueueBranch } from '../model/merge-queue.ts';
import { defaultBranchesOf, type Project } from '../model/project.ts';
import { isFromFork, type Run } from '../model/run.ts';
import { cacheKey } from '../model/run-keys.ts';

/**
 * Lists the branches whose caches a run may restore, in order: its own, its base, and the default branch.
 *
 * Code that Berth does not trust never reads or writes by its branch, whose name may be that of another branch.
 */
export function cacheBranches(run: Run, project: Pick<Project, 'github'>): string[] {
  const { spec, github } = run;
  const base = github?.baseBranch === undefined ? [] : [github.baseBranch];
  return [...new Set([...(isFromFork(run) ? [] : [spec.branch]), ...base, ...defaultBranchesOf(project)])];
}

/** Whether a run may save caches. The branch of a merge group lives for one attempt, so no one would read them. */
export function savesCaches(run: Pick<Run, 'spec' | 'github' | 'trigger'>): boolean {
  return !isFromFork(run) && run.trigger.kind !== 'merge_group' && !isQueueBranch(run.spec.branch);
}

/**
 * Returns the key of the object with the newest archive of a cache on a branch. Suites share a cache that is the same in
 * everything that decides whether its files fit: name, key, paths and image.
 */
export function cacheObjectKey(
  { projectId, spec }: Pick<Run, 'projectId' | 'spec'>,
  { name, key, paths }: Cache,
  branch: string,
): string {
  const scope = digest([repositoryOf(spec.source), branch]);
  return cacheKey(projectId, scope, digest([name, key, paths, spec.image ?? null]));
}

/** A project can test several repositories. Uploaded archives are the work in progress of people, and stay apart. */
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
