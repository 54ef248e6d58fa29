import type { Deps } from '../deps.ts';
import { branchOfHolder } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Stack } from '../model/stack.ts';

/** Requests a reconcile of the comments in the pull requests of the branch that holds a stack. */
export async function wakeCommentsOf(
  { store, clock }: Pick<Deps, 'store' | 'clock'>,
  { id: projectId, github }: Project,
  { hold }: Stack,
): Promise<void> {
  const name = hold === undefined ? undefined : branchOfHolder(hold.holder);
  if (name === undefined || github === undefined) return;
  const [branch] = await store.branches.getAll([{ projectId, repositoryId: github.repositoryId, name }]);
  for (const { number } of branch?.pulls ?? []) await store.comments.wake(projectId, number, clock.now());
}
