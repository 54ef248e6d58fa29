import { BerthError } from '../model/errors.ts';
import { cleaned } from '../model/hold.ts';
import type { Project } from '../model/project.ts';
import type { Stack } from '../model/stack.ts';
import { changeStack } from './change-stack.ts';
import { grantWaiters, type LineDeps } from './grant-waiters.ts';
import { findStack } from './release-stack.ts';
import { retryTeardown } from './tear-down-stack.ts';

interface NamedStack {
  readonly project: Project;
  readonly stackName: string;
}

/**
 * Declares a dirty stack clean after a person has checked it: it is available again. Not an error for a clean stack.
 *
 * @throws BerthError `stack_not_found`; `stack_held` while its teardown runs.
 */
export async function cleanStack(deps: LineDeps, { project, stackName }: NamedStack): Promise<Stack> {
  const seen = await findStack(deps, project, stackName);
  const stack = await changeStack(deps.store.stacks, seen, (current) => {
    if (current.dirty === undefined) return current;
    return current.hold === undefined ? cleaned(current, deps.clock.now()) : undefined;
  });
  if (stack === undefined) throw isTearingDown(stackName);
  if (seen.dirty !== undefined) await deps.events.publish({ type: 'StackReleased', stack });
  await grantWaiters(deps, project);
  return stack;
}

/**
 * Runs the teardown of a dirty stack again, now.
 *
 * @throws BerthError `stack_not_found`; `stack_held` while its teardown runs or it is reserved; `conflict` if it is not
 *   dirty.
 */
export async function tearDownStack(deps: LineDeps, { project, stackName }: NamedStack): Promise<Stack> {
  const seen = await findStack(deps, project, stackName);
  if (seen.dirty === undefined) {
    throw new BerthError('conflict', `Stack ${stackName} is not dirty.`, {
      hint: 'Its teardown runs when its hold ends. Release it to run the teardown.',
    });
  }
  const stack = await retryTeardown(deps, project, seen);
  if (stack === undefined) throw isTearingDown(stackName);
  return stack;
}

function isTearingDown(stackName: string): BerthError {
  return new BerthError('stack_held', `Stack ${stackName} is being torn down, or is reserved.`, {
    hint: 'Wait until the teardown has ended. If it hangs, cancel its run.',
  });
}
