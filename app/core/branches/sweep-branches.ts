import { later } from '../../lib/later.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { TryLater } from '../model/errors.ts';
import type { ProjectId } from '../model/ids.ts';
import { unlessLost } from '../model/retry-lost-race.ts';
import { retryWaitSeconds } from '../policy.ts';
import { isOnGithub } from '../projects/github-project.ts';
import { compareRepository, type RepositoryDeps } from './compare-repository.ts';
import { type BranchOptions, reconcileBranch } from './reconcile-branch.ts';

/** Branches reconciled in one sweep. The rest stays due, and comes first in the next sweep. */
const batch = 200;
const hourSeconds = 3600;

/**
 * Reconciles every branch that is due: each requested one separately; those whose time has come with one
 * comparison of their repository. May run anywhere, at any time, in parallel.
 */
export async function sweepBranches(deps: RepositoryDeps): Promise<void> {
  const due = await deps.store.branches.due(deps.clock.now(), batch);
  const projects = new Map<ProjectId, Branch[]>();
  for (const branch of due) {
    const others = projects.get(branch.projectId) ?? [];
    projects.set(branch.projectId, [...others, branch]);
  }
  await Promise.all([...projects].map(([id, branches]) => sweepProject(deps, id, branches)));
}

async function sweepProject(deps: RepositoryDeps, id: ProjectId, due: readonly Branch[]): Promise<void> {
  const claimed: Branch[] = [];
  const project = await deps.store.projects.get(id);
  const isActive = project?.suspendedAt === undefined;
  for (const branch of due) {
    const mine = await claim(deps, branch, isActive);
    if (mine !== undefined) claimed.push(mine);
  }
  if (project === undefined || !isActive || !isOnGithub(project)) return;
  const isAsked = (branch: Branch) => branch.attempts > 0 || isScheduled(branch, deps.clock.now());
  const asked = claimed.filter(isAsked);
  for (const branch of asked) await guarded(deps, branch, () => reconcileBranch(deps, project, branch));
  const timed = claimed.filter((branch) => !asked.includes(branch));
  for (const branch of timed.filter(({ isOpen }) => !isOpen))
    await guarded(deps, branch, () => reconcileBranch(deps, project, branch, { seen: asStored(branch) }));
  const open = timed.filter(({ isOpen }) => isOpen);
  const [first] = open;
  const scope = open.every(({ pulls }) => pulls.length > 0) ? 'pull requests' : 'all';
  if (first !== undefined) await guarded(deps, first, () => compareRepository(deps, project, scope));
}

/** Whether a time of a schedule has come. */
function isScheduled({ isOpen, scheduleAt }: Branch, now: Date): boolean {
  return isOpen && scheduleAt !== undefined && scheduleAt <= now;
}

/** A closed branch that still has its stack needs no call to GitHub: an event or a comparison opens it again. */
function asStored({ head, pulls, revision }: Branch): NonNullable<BranchOptions['seen']> {
  return { head, pulls, revision };
}

/**
 * Counts the attempt before it is made, so that one that crashes the process is repeated less and less often.
 *
 * @returns undefined if another process looks at it.
 */
async function claim(
  deps: Pick<Deps, 'store' | 'clock' | 'policy'>,
  branch: Branch,
  isActive: boolean,
): Promise<Branch | undefined> {
  // One comparison covers all due branches; only a requested or failed reconcile is separate.
  const isAsked = branch.isWoken === true || branch.attempts > 0;
  const seconds = Math.max(2 * deps.policy.followUpSeconds, retryWaitSeconds(branch.attempts));
  const dueAt = later(deps.clock.now(), isActive ? seconds : hourSeconds);
  const attempts = branch.attempts + (isAsked ? 1 : 0);
  return unlessLost(() => deps.store.branches.save({ ...branch, attempts, dueAt }));
}

async function guarded(deps: Pick<Deps, 'log'>, branch: Branch, look: () => Promise<unknown>): Promise<void> {
  try {
    await look();
  } catch (error) {
    if (error instanceof TryLater) return;
    deps.log.error(
      { branch: branch.name, project: branch.projectId, err: error },
      'a branch could not be reconciled',
    );
  }
}
