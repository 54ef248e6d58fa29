import { sweep } from '../../app/core/runs/sweep.ts';
import { type World, writeResult } from '../helpers/memory-deps.ts';

/** Tasks end well, time passes, and the sweep looks at what is due. */
export async function comeToRest(w: World, secondsPerRound: number): Promise<void> {
  for (let round = 0; round < 25; round += 1) {
    for (const { task, runId: id, isStopped } of await w.deps.executor.listTasks()) {
      if (isStopped) continue;
      writeResult(w, id);
      w.tasks.set(task.arn, { lastStatus: 'STOPPED', exitCode: 0 });
    }
    w.clock.advance(secondsPerRound);
    await sweep(w.deps);
    await w.settle();
  }
}
