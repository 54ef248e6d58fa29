import type { Project } from '../../app/core/model/project.ts';
import type { World } from './memory-deps.ts';

/** @throws Error where a task runs on a stack that its run does not hold. */
export async function checkTasks(w: World, project: Project): Promise<void> {
  for (const { runId: id, isStopped } of await w.deps.executor.listTasks()) {
    if (isStopped) continue;
    const known = await w.deps.store.runs.get(id);
    const pool = await w.deps.store.stacks.list(project.id);
    const stack = pool.find(({ stackName }) => stackName === known?.held?.stackName);
    if (stack === undefined || !stack.activeRuns.includes(id) || stack.token !== known?.held?.token)
      throw new Error(`${id} runs on ${known?.held?.stackName}, which is held by ${stack?.hold?.holder}`);
  }
}
