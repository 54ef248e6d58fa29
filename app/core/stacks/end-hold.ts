import { awaitedBy, type HolderRecord, released } from '../model/hold.ts';
import type { Project } from '../model/project.ts';
import { isReserved, type Stack } from '../model/stack.ts';
import { changeStack } from './change-stack.ts';
import { unreserve } from './holder-records.ts';
import { afterTeardown, followTeardown, type TeardownDeps, transferForTeardown } from './tear-down-stack.ts';

/**
 * Ends the hold that was seen, if no run is active on the stack and it is not reserved: makes the stack available or, if
 * it needs a teardown, starts that. After a teardown that failed, the stack is dirty.
 *
 * @param options.mayEnd whether the hold may end, for the current state of the stack.
 * @param options.record of the holder, if the caller has read it during the hold.
 * @param options.whenIdle while runs are active on the stack, notes that the last of them must end the hold.
 * @returns the stack afterwards, held only by its teardown; undefined if this did not end the hold.
 */
export async function endHold(
  deps: TeardownDeps,
  project: Project,
  seen: Stack,
  options: {
    readonly mayEnd: (current: Stack) => boolean;
    readonly record?: HolderRecord;
    readonly whenIdle?: true;
  },
): Promise<Stack | undefined> {
  const { stacks, holders } = deps.store;
  let { record } = options;
  const stack = await changeStack(stacks, seen, async (current) => {
    const now = deps.clock.now();
    if (current.hold === undefined || current.token !== seen.token) return undefined;
    if (current.activeRuns.length > 0) return options.whenIdle === true ? awaitedBy(current) : undefined;
    if (isReserved(current, now) || !options.mayEnd(current)) return undefined;
    // A pointer that is set after this read belongs to a later request, and stays.
    record ??= await holders.get(project.id, current.hold.holder);
    const left = await afterTeardown(deps, current);
    if (left === undefined || left.hold === undefined) return left;
    const [wanted] = left.teardowns ?? [];
    return wanted === undefined ? released(left, now) : transferForTeardown(deps, project, left, wanted);
  });
  if (stack === undefined || stack.activeRuns.length > 0) return undefined;
  if (record?.stackNumber === stack.number) await unreserve(holders, project.id, record);
  if (stack.hold !== undefined) await followTeardown(deps, stack);
  return stack;
}
