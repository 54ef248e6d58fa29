import type { AwsOptions } from '../adapters/aws/client-options.ts';
import { fileLogs } from '../adapters/files/file-logs.ts';
import { secretSources } from '../adapters/secrets/secret-sources.ts';
import { systemClock } from '../adapters/system/system-clock.ts';
import { systemIds } from '../adapters/system/system-ids.ts';
import type { Deps } from '../core/deps.ts';
import type { Run } from '../core/model/run.ts';
import type { Executor } from '../ports/executor.ts';
import type { Logs } from '../ports/logs.ts';
import type { Quotas } from '../ports/quotas.ts';
import type { Sources } from '../ports/sources.ts';
import { lazyExecutor, lazyLogs, lazyQuotas, lazyRoles, lazySecrets } from './aws/aws-lazy.ts';
import type { Config } from './config/config.ts';
import type { ServerAws } from './config/server-aws.ts';
import { isLoopbackUrl } from './exposure.ts';

const optionsOf = ({ region }: ServerAws): AwsOptions => ({ region, random: () => systemIds.random() });

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
  const options = optionsOf(aws);
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

/** Issues sessions of roles. A server without AWS issues none. */
export function rolesOf(aws: ServerAws | undefined): Pick<Deps, 'roles'> {
  if (aws?.deployRoles === undefined) return {};
  const { deployRoles } = aws;
  return { roles: lazyRoles({ deployRoles }, optionsOf(aws)) };
}

/** Adds the secrets of AWS that suites name, if the environment says where they are. */
export function withSecrets(aws: ServerAws | undefined, sources: Sources): Sources {
  if (aws?.secrets === undefined) return sources;
  const read = lazySecrets(optionsOf(aws));
  return secretSources({ sources, read, ...aws.secrets });
}

/**
 * Creates the logs of a server: those of tasks on AWS are in CloudWatch, all others in files. The run says where its own
 * log is, so that the logs of older runs stay readable after a change of the executor.
 */
export function serverLogs({ dataDir, aws }: Pick<Config, 'dataDir' | 'aws'>): Logs {
  const files = fileLogs({ dataDir });
  if (aws === undefined) return files;
  const cloud = lazyLogs(optionsOf(aws), systemClock);
  const runsOnAws = aws.ecs !== undefined || aws.batch !== undefined;
  const logsOf = (run: Run): Logs => {
    const executor = run.task?.executor;
    const isOnAws = executor === undefined ? runsOnAws : executor === 'fargate' || executor === 'batch';
    return isOnAws ? cloud : files;
  };
  return {
    read: (run, cursor, limit) => logsOf(run).read(run, cursor, limit),
    consoleUrl: (run) => logsOf(run).consoleUrl(run),
  };
}
