import type { Deps } from '../deps.ts';
import type { Branch, BranchKey } from '../model/branch.ts';
import type { HolderRecord } from '../model/hold.ts';
import { type Holder, holder } from '../model/ids.ts';
import type { GithubRepository } from '../model/project.ts';

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
  { store }: Pick<Deps, 'store'>,
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
