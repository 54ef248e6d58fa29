import type { AwsOptions } from '../../adapters/aws/client-options.ts';
import { consoleUrlOf } from '../../adapters/cloudwatch/console-log-url.ts';
import { readAwsSecrets } from '../../adapters/secrets/read-aws-secrets.ts';
import type { ReadSecrets } from '../../adapters/secrets/secret-sources.ts';
import { once } from '../../lib/once.ts';
import type { Clock, Ids } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { Executor } from '../../ports/executor.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Logs } from '../../ports/logs.ts';
import type { Objects } from '../../ports/objects.ts';
import type { Quotas } from '../../ports/quotas.ts';
import type { RoleSessions } from '../../ports/role-sessions.ts';
import type { AwsConfig } from '../config/aws-config.ts';

/**
 * Ports with large clients that most invocations do not use: each is loaded on first use. Reading
 * them all would be most of the start time of a function (docs/benchmarks.md).
 */

export function lazyExecutor(config: Pick<AwsConfig, 'ecs' | 'batch'>, options: AwsOptions): Executor {
  const executor = once(async () => (await import('./aws-executor.ts')).awsExecutor(config, options));
  return {
    name: config.ecs === undefined ? 'batch' : 'fargate',
    launch: async (request) => (await executor()).launch(request),
    withdraw: async (request) => (await executor()).withdraw(request),
    describe: async (tasks) => (tasks.length === 0 ? new Map() : (await executor()).describe(tasks)),
    stop: async (task, reason) => (await executor()).stop(task, reason),
    // ECS and Batch forget tasks by themselves.
    remove: async () => {},
    listTasks: async () => (await executor()).listTasks(),
  };
}

export function lazyObjects(config: Pick<AwsConfig, 'bucket' | 'kmsKeyId'>, options: AwsOptions): Objects {
  const objects = once(async () => (await import('./aws-objects.ts')).awsObjects(config, options));
  return {
    put: async (key, body, contentType) => (await objects()).put(key, body, contentType),
    get: async (key) => (await objects()).get(key),
    delete: async (key) => (await objects()).delete(key),
    grant: async (grant) => (await objects()).grant(grant),
  };
}

/** A secret that the functions share if none is configured. */
export function lazyBucketSecret(
  config: Pick<AwsConfig, 'bucket' | 'kmsKeyId'>,
  options: AwsOptions,
  ids: Pick<Ids, 'secret'>,
) {
  const read = once(async () => (await import('./aws-objects.ts')).awsBucketSecret(config, options, ids));
  return async (): Promise<string> => (await read())();
}

export function lazyLogs(options: AwsOptions, clock: Clock): Logs {
  const logs = once(async () => (await import('./aws-logs.ts')).awsLogs(options, clock));
  return {
    read: async (run, cursor, limit) => (await logs()).read(run, cursor, limit),
    consoleUrl: consoleUrlOf,
  };
}

export function lazyEvents(bus: string, options: AwsOptions, deps: { clock: Clock; log: Logger }): Events {
  const events = once(async () => (await import('./aws-events.ts')).awsEvents(bus, options, deps));
  return { publish: async (event) => (await events()).publish(event) };
}

/** Read for a launch, and once for the GitHub App. Each client is loaded when it has something to read. */
export function lazySecrets(options: AwsOptions): ReadSecrets {
  const ssm = once(async () => (await import('./aws-parameters.ts')).awsParameters(options));
  const manager = once(async () => (await import('./aws-managed-secrets.ts')).awsManagedSecrets(options));
  return readAwsSecrets({
    ssm: async (ids) => (await ssm())(ids),
    secretsmanager: async (ids) => (await manager())(ids),
  });
}

/** Loaded for the first run with a role. */
export function lazyRoles(
  { deployRoles }: Pick<AwsConfig, 'deployRoles'>,
  options: AwsOptions,
): RoleSessions {
  const roles = once(async () => (await import('./aws-roles.ts')).awsRoles(deployRoles, options));
  return { assume: async (request) => (await roles()).assume(request) };
}

/** Read every few hours, only by the function of the schedule. */
export function lazyQuotas(config: Pick<AwsConfig, 'ecs' | 'batch'>, options: AwsOptions): Quotas {
  const quotas = once(async () => (await import('./aws-quotas.ts')).awsQuotas(config, options));
  return { taskCpuUnits: async () => (await quotas()).taskCpuUnits() };
}
