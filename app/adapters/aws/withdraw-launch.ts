import { BerthError } from '../../core/model/errors.ts';
import type { TaskStatus } from '../../core/model/task.ts';
import type { Executor, LaunchRequest } from '../../ports/executor.ts';

/**
 * Finds out whether a launch took place by launching again: AWS returns the task if it exists. If it does not exist,
 * the new task does nothing, since its request names no job: its runner ends immediately, and no later launch can take
 * its place.
 *
 * @returns undefined if AWS refuses the launch, which it would not for a task that it has.
 */
export async function withdrawLaunch(
  launch: Executor['launch'],
  request: LaunchRequest,
): Promise<TaskStatus | undefined> {
  try {
    return await launch(request);
  } catch (error) {
    if (error instanceof BerthError) return undefined;
    throw error;
  }
}
