import { later } from '../../lib/later.ts';
import type { Deps } from '../deps.ts';
import type { Branch } from '../model/branch.ts';
import { LostRace } from '../model/errors.ts';

/** Has the open branches at a commit looked at, but for the one that has left it. */
export async function wakeBranchesAt(
  deps: Pick<Deps, 'store' | 'clock'>,
  left: Pick<Branch, 'projectId' | 'repositoryId' | 'name'>,
  sha: string | undefined,
  afterSeconds = 0,
): Promise<void> {
  if (sha === undefined) return;
  const at = later(deps.clock.now(), afterSeconds);
  for (const branch of await deps.store.branches.atCommit(left.projectId, sha)) {
    const isLeft = branch.repositoryId === left.repositoryId && branch.name === left.name;
    if (isLeft || !branch.isOpen || isAsked(branch, at)) continue;
    try {
      await deps.store.branches.save({ ...branch, isWoken: true, dueAt: at });
    } catch (error) {
      // It is being looked at, which may have begun too early.
      if (!(error instanceof LostRace)) throw error;
      const latest = await deps.store.branches.get(branch);
      if (latest?.isOpen === true) await deps.store.branches.save({ ...latest, isWoken: true, dueAt: at });
    }
  }
}

function isAsked({ isWoken, dueAt }: Branch, at: Date): boolean {
  return isWoken === true && dueAt !== undefined && dueAt <= at;
}
