import type { Deps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import { retryLostRace } from '../model/retry-lost-race.ts';
import { isAvailable, type Stack } from '../model/stack.ts';

/**
 * Deletes the stack with the highest number.
 *
 * @returns the stack; undefined if the pool is empty.
 * @throws BerthError `stack_held` if a holder has it.
 */
export async function deleteLastStack(
  deps: Pick<Deps, 'store'>,
  project: Project,
): Promise<Stack | undefined> {
  return retryLostRace(async () => {
    const last = (await deps.store.stacks.list(project.id)).at(-1);
    if (last === undefined) return undefined;
    if (!isAvailable(last)) {
      throw new BerthError('stack_held', `Stack ${last.stackName} is held and cannot be deleted.`, {
        hint: 'Release it first.',
      });
    }
    await deps.store.stacks.delete(last);
    return last;
  });
}
