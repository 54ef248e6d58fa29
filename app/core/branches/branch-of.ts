import type { PullRequest } from '../../ports/github.ts';
import type { StoreDeps } from '../deps.ts';
import type { Branch, BranchKey, OpenPull } from '../model/branch.ts';
import type { HolderRecord } from '../model/hold.ts';
import { type Holder, holder, type ProjectId } from '../model/ids.ts';
import type { GithubRepository } from '../model/project.ts';
import { isFromFork, type Run } from '../model/run.ts';
import type { GithubProject } from '../projects/github-project.ts';

/** The facts about a project that the keys of its branches consist of. */
interface OwnerOfBranches {
  readonly id: ProjectId;
  readonly github: Pick<GithubRepository, 'repositoryId'>;
}

/** The key of a branch of the repository itself. */
export function ownBranch({ id, github }: OwnerOfBranches, name: string): BranchKey {
  return { projectId: id, repositoryId: github.repositoryId, name };
}

/** The key of the branch that a run is for; undefined if it is not of a repository on GitHub. */
export function branchKeyOf({ projectId, spec, github }: Run): BranchKey | undefined {
  if (github === undefined) return undefined;
  const repositoryId = github.headRepositoryId ?? github.repositoryId;
  return { projectId, repositoryId, name: spec.branch };
}

export function branchOfPull(
  project: Pick<OwnerOfBranches, 'id'>,
  pull: Pick<PullRequest, 'number' | 'headRepositoryId' | 'headBranch'>,
): BranchKey {
  // The branch of a deleted repository belongs to its pull request; no repository has a negative ID.
  const repositoryId = pull.headRepositoryId ?? -pull.number;
  return { projectId: project.id, repositoryId, name: pull.headBranch };
}

/** The facts about a branch that depend on its pull requests. */
export function openPull({ number, baseBranch, isDraft, openedAt }: PullRequest): OpenPull {
  return { number, baseBranch, isDraft, openedAt };
}

/** Whether a run belongs to a branch. The teardown of a stack belongs to no branch, and neither does a tag. */
export function isOfBranch(run: Run, branch: Branch, project: Pick<GithubProject, 'github'>): boolean {
  const { github, spec } = run;
  if (github === undefined || spec.teardownOf !== undefined || isOfTag(run)) return false;
  if (spec.branch !== branch.name) return false;
  if (github.headRepositoryId !== undefined) return github.headRepositoryId === branch.repositoryId;
  // A run of version 0.1.0.
  if (!spec.untrusted) return branch.repositoryId === project.github.repositoryId;
  return branch.pulls.some(({ number }) => number === github.pullRequest);
}

/** Whether two runs are for the same branch, or for the same tag. */
export function isOfSameBranch(one: Run, other: Run): boolean {
  const text = (run: Run): string => {
    const key = branchKeyOf(run);
    return JSON.stringify([isOfTag(run), key?.repositoryId, run.spec.branch]);
  };
  return text(one) === text(other);
}

export function isOfTag({ spec }: Pick<Run, 'spec'>): boolean {
  return spec.source.kind === 'git' && spec.source.ref?.startsWith('refs/tags/') === true;
}

/**
 * Whether a run stands for the branch of the repository that it names. A branch of a fork, or a tag, may have the same
 * name.
 */
export function standsForBranch(run: Pick<Run, 'spec' | 'github'>): boolean {
  return !isFromFork(run) && !isOfTag(run);
}

/** The branch that a run belongs to; undefined if Berth has not looked at it yet. */
export async function branchOfRun(
  deps: StoreDeps,
  project: GithubProject,
  run: Run,
): Promise<Branch | undefined> {
  const { github, spec } = run;
  if (github === undefined || isOfTag(run)) return undefined;
  if (github.headRepositoryId !== undefined || !spec.untrusted) {
    const repositoryId = github.headRepositoryId ?? project.github.repositoryId;
    return deps.store.branches.get({ projectId: project.id, repositoryId, name: spec.branch });
  }
  // Untrusted runs of version 0.1.0 only name their pull request.
  const open = await deps.store.branches.listOpen(project.id);
  return open.find((branch) => isOfBranch(run, branch, project));
}

/** A branch as it is stored, and the record of its holder. */
export interface BranchRead {
  readonly known: Branch | undefined;
  readonly record: HolderRecord | undefined;
}

/**
 * Reads what the reconcile of a branch starts from, in one call. A parallel look that closes the holder after it lost to
 * this one will repeat, and open it again.
 */
export async function readBranch(
  { store }: StoreDeps,
  repository: Pick<GithubRepository, 'repositoryId'>,
  key: BranchKey,
): Promise<BranchRead> {
  const [known, record] = await Promise.all([
    store.branches.get(key),
    store.holders.get(key.projectId, holderOfKey(repository, key)),
  ]);
  return { known, record };
}

/** The holder of a branch, unless version 0.1.0 gave it its stack. */
export function holderOfKey(
  repository: Pick<GithubRepository, 'repositoryId'>,
  { repositoryId, name }: BranchKey,
): Holder {
  return repositoryId === repository.repositoryId ? holder.branch(name) : holder.fork(repositoryId, name);
}
