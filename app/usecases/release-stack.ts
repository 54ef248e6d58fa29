import { BerthError } from '../domain/errors.ts';
import type { Holder } from '../domain/ids.ts';
import type { Project } from '../domain/project.ts';
import { isAvailable, type Stack, stackNumberOf } from '../domain/stack.ts';
import type { Deps } from './deps.ts';
import { type LineDeps, serveLine } from './serve-line.ts';

/**
 * The stack of that name.
 *
 * @throws BerthError `stack_not_found`.
 */
export async function findStack(
  deps: Pick<Deps, 'store'>,
  project: Project,
  stackName: string,
): Promise<Stack> {
  const number = stackNumberOf(stackName);
  const stack = number === undefined ? undefined : await deps.store.stacks.get(project.id, number);
  if (stack?.stackName === stackName) return stack;
  throw new BerthError('stack_not_found', `Project ${project.name} has no stack ${stackName}.`, {
    hint: 'GET /listStacks shows those there are.',
  });
}

/**
 * Gives a stack back and tells the next in line. A stack that is available already is no error.
 *
 * @param request.token releases this hold only: a client that comes late never takes the stack from the next holder.
 * @throws BerthError `stack_not_found`; `stack_token_stale` where the hold is another; `stack_held` where a run is
 *   active on it.
 */
export async function releaseStack(
  deps: LineDeps,
  request: { project: Project; stackName: string; token?: number },
): Promise<void> {
  const { project, token } = request;
  const stack = await findStack(deps, project, request.stackName);
  if (token !== undefined && stack.token !== token) {
    throw new BerthError(
      'stack_token_stale',
      `Stack ${stack.stackName} is not held with lock token ${token} any more.`,
      {
        hint: 'The hold has ended and another may have begun: request a stack again.',
      },
    );
  }
  if (isAvailable(stack)) return;
  if (!(await giveBack(deps, project, stack))) {
    throw new BerthError(
      'stack_held',
      `Stack ${stack.stackName} cannot be released: a run is active on it.`,
      {
        hint: 'Cancel the run, or wait for its end.',
      },
    );
  }
}

/**
 * Gives back whatever stack a holder has, if no run is active on it, and its place in line.
 *
 * @returns the stack that was given back.
 */
export async function releaseHolder(
  deps: LineDeps,
  project: Project,
  holder: Holder,
): Promise<Stack | undefined> {
  const record = await deps.store.stacks.readHolder(project.id, holder);
  if (record?.ticketNumber !== undefined)
    await deps.store.stacks.dequeue(project.id, holder, record.ticketNumber);
  if (record?.stackNumber === undefined) return undefined;
  const stack = await deps.store.stacks.get(project.id, record.stackNumber);
  if (stack?.hold?.holder !== holder) return undefined;
  return (await giveBack(deps, project, stack)) ? stack : undefined;
}

/**
 * Ends a hold and tells the next in line. The pointer is read before the release: one that was set after it belongs to
 * a later request, and stays.
 *
 * @returns false where the hold has ended already, or a run is active on the stack.
 */
export async function giveBack(
  deps: LineDeps,
  project: Project,
  stack: Stack,
  options: { lapsed?: boolean } = {},
): Promise<boolean> {
  const { stacks } = deps.store;
  const record =
    stack.hold === undefined ? undefined : await stacks.readHolder(project.id, stack.hold.holder);
  if (!(await stacks.release(stack, deps.clock.now(), options))) return false;
  if (record?.stackNumber === stack.number) await stacks.unpoint(project.id, record);
  await deps.events.publish({ type: 'StackReleased', stack });
  await serveLine(deps, project);
  return true;
}
