import { later } from '../../lib/later.ts';
import type { StoreClockDeps, StoreDeps } from '../deps.ts';
import { type Branch, type BranchKey, branchText } from '../model/branch.ts';
import type { ProjectId } from '../model/ids.ts';
import { unlessLost } from '../model/retry-lost-race.ts';
import type { Run } from '../model/run.ts';
import { branchKeyOf } from './branch-of.ts';

/**
 * Enqueues the open branches at a commit.
 *
 * @param left the branch that has left the commit, which is not enqueued.
 */
export async function wakeBranchesAt(
  deps: StoreClockDeps,
  projectId: ProjectId,
  sha: string | undefined,
  { left, afterSeconds = 0 }: { readonly left?: BranchKey; readonly afterSeconds?: number } = {},
): Promise<void> {
  if (sha === undefined) return;
  const at = later(deps.clock.now(), afterSeconds);
  for (const branch of await deps.store.branches.atCommit(projectId, sha)) {
    const isLeft = left !== undefined && branchText(branch) === branchText(left);
    if (isLeft || !branch.isOpen || isAsked(branch, at)) continue;
    await wake(deps, branch, at);
  }
}

export async function wakeBranchOf(deps: StoreClockDeps, run: Run): Promise<void> {
  const key = branchKeyOf(run);
  const branch = key && (await deps.store.branches.get(key));
  if (branch?.isOpen === true) await wake(deps, branch, deps.clock.now());
}

async function wake({ store }: StoreDeps, branch: Branch, at: Date): Promise<void> {
  const woken = { isWoken: true, dueAt: at } as const;
  if ((await unlessLost(() => store.branches.save({ ...branch, ...woken }))) !== undefined) return;
  // It is being reconciled, which may have begun too early.
  const latest = await store.branches.get(branch);
  if (latest?.isOpen === true) await store.branches.save({ ...latest, ...woken });
}

function isAsked({ isWoken, dueAt }: Branch, at: Date): boolean {
  return isWoken === true && dueAt !== undefined && dueAt <= at;
}
