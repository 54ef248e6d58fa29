import type { StoreClockDeps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import { retryLostRace } from '../model/retry-lost-race.ts';
import { isAvailable, type Stack } from '../model/stack.ts';
import { refuseReserved } from './release-stack.ts';

/**
 * Deletes the stack with the highest number.
 *
 * @returns the stack; undefined if the pool is empty.
 * @throws BerthError `stack_held` if a holder has it or it is reserved; `stack_dirty` if its teardown has failed.
 */
export async function deleteLastStack(deps: StoreClockDeps, project: Project): Promise<Stack | undefined> {
  return retryLostRace(async () => {
    const last = (await deps.store.stacks.list(project.id)).at(-1);
    if (last === undefined) return undefined;
    if (!isAvailable(last)) {
      throw new BerthError('stack_held', `Stack ${last.stackName} is held and cannot be deleted.`, {
        hint: 'Release it first.',
      });
    }
    refuseReserved(deps, last);
    if (last.dirty !== undefined) {
      throw new BerthError('stack_dirty', `Stack ${last.stackName} is dirty: its teardown has failed.`, {
        hint: 'Run its teardown again, or clean it, first.',
      });
    }
    await deps.store.stacks.delete(last);
    return last;
  });
}
