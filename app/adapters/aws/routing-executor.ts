import type { Executor, LaunchRequest } from '../../ports/executor.ts';

/**
 * Two executors as one: event-driven runs, whose IDs begin with `runId-`, go to Batch, and all others to Fargate. Their tasks
 * differ in their ARN.
 */
export function routingExecutor({ fargate, batch }: { fargate: Executor; batch: Executor }): Executor {
  const ownerOf = (arn: string): Executor => (arn.split(':')[2] === 'batch' ? batch : fargate);
  const launcherOf = ({ runId }: LaunchRequest): Executor => (runId.startsWith('runId-') ? batch : fargate);
  return {
    name: 'fargate',
    launch: (request) => launcherOf(request).launch(request),
    withdraw: (request) => launcherOf(request).withdraw(request),
    describe: async (tasks) => {
      const [onFargate, onBatch] = await Promise.all(
        [fargate, batch].map((owner) => owner.describe(tasks.filter(({ arn }) => ownerOf(arn) === owner))),
      );
      return new Map([...(onFargate ?? []), ...(onBatch ?? [])]);
    },
    stop: (task, reason) => ownerOf(task.arn).stop(task, reason),
    remove: (task) => ownerOf(task.arn).remove(task),
    listTasks: async () => (await Promise.all([fargate.listTasks(), batch.listTasks()])).flat(),
  };
}
