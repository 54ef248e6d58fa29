import { systemIds } from '../adapters/system/system-ids.ts';
import type { Executor } from '../ports/executor.ts';
import type { Quotas } from '../ports/quotas.ts';
import { lazyExecutor, lazyQuotas } from './aws/aws-lazy.ts';
import type { ServerAws } from './config/server-aws.ts';
import { isLoopbackUrl } from './exposure.ts';

export interface TasksOnAws {
  readonly executor: Executor;
  readonly quotas: Quotas;
  /** The reason for the choice, for the first line of output. */
  readonly reason: string;
  /** Warnings for the person who runs the server. */
  readonly warning?: string;
}

/**
 * Creates the executor of a server whose environment names Fargate or Batch.
 *
 * @param own.installation tells the tasks of this server from those of others in the same cluster.
 * @param own.baseUrl the public address of this server.
 * @returns undefined if tests run on this machine.
 */
export function tasksOnAws(
  aws: ServerAws | undefined,
  own: { readonly installation: string; readonly baseUrl: string },
): TasksOnAws | undefined {
  if (aws?.ecs === undefined && aws?.batch === undefined) return undefined;
  const { region, ecs, batch, bucket } = aws;
  const { installation } = own;
  const options = { region, random: () => systemIds.random() };
  const settings = {
    ...(ecs === undefined ? {} : { ecs: { ...ecs, installation } }),
    ...(batch === undefined ? {} : { batch: { ...batch, installation } }),
  };
  const taskUrl = aws.taskUrl ?? own.baseUrl;
  const isUnreachable = bucket === undefined && isLoopbackUrl(taskUrl);
  return {
    executor: { ...lazyExecutor(settings, options), objectsBaseUrl: taskUrl },
    quotas: lazyQuotas(settings, options),
    reason: [
      ...(ecs === undefined ? [] : [`fargate: ${ecs.taskDefinition} on the cluster ${ecs.cluster}`]),
      ...(batch === undefined ? [] : [`batch: ${batch.jobDefinition} in the queue ${batch.jobQueue}`]),
    ]
      .join('; ')
      .concat(` in ${region}`),
    ...(isUnreachable
      ? {
          warning: `Tasks on AWS cannot reach ${taskUrl}, so the runner cannot read its job. Set BERTH_BUCKET, or BERTH_PUBLIC_URL to an address that they reach.`,
        }
      : {}),
  };
}
