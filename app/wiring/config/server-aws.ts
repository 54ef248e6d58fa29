import type { z } from 'zod';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { batchOf, ecsOf, executorPairs, missingPartners } from './aws-resources.ts';
import type { Mistake } from './mistakes.ts';
import type { environmentSchema } from './variables.ts';

/** The parts of AWS that a server uses, each by itself. */
export type ServerAws = NonNullable<ReturnType<typeof serverAwsOf>>;

type Environment = z.output<typeof environmentSchema>;
type Name = keyof Environment;

/** Variables of Fargate. `CONTAINER_NAME` is not one of them: platforms set it in every container. */
const ofFargate = [
  'SUBNET_ID',
  'SECURITY_GROUP_ID',
  'BERTH_SUBNET_TAG',
  'BERTH_SECURITY_GROUP_TAG',
  'BERTH_PUBLIC_IP',
  'BERTH_LOG_GROUP',
  'BERTH_SPOT',
  'BERTH_TASK_DEFINITIONS',
  'BERTH_UNTRUSTED_TASK_ROLE_ARN',
  'BERTH_PROJECT_TASK_ROLES',
] as const satisfies readonly Name[];

const ofBatch = [
  'BERTH_BATCH_UNTRUSTED_JOB_DEFINITION',
  'BERTH_BATCH_PROJECT_JOB_DEFINITIONS',
  'BERTH_BATCH_LOG_GROUP',
  'BERTH_BATCH_SPOT',
] as const satisfies readonly Name[];

/** Variables of tasks on this machine. `DOCKER_HOST` is not one of them: other programs set and use it. */
const ofThisMachine = [
  'BERTH_RUNNER_IMAGE',
  'BERTH_DOCKER_NETWORK',
  'BERTH_DOCKER_READONLY',
  'BERTH_TASK_DISK_GIB',
  'BERTH_TASK_ENV',
  'BERTH_PASS_ENV',
] as const satisfies readonly Name[];

/**
 * Finds contradictions and variables that would have no effect.
 *
 * @param isSet the names of the variables that the environment sets.
 */
export function mistakesOnAws(env: Environment, isSet: ReadonlySet<string>): readonly Mistake[] {
  const hasFargate = isSet.has('ECS_CLUSTER_NAME') || isSet.has('ECS_TASK_DEFINITION_ARN');
  const hasBatch = isSet.has('BERTH_BATCH_JOB_QUEUE') || isSet.has('BERTH_BATCH_JOB_DEFINITION');
  const hasTasks = hasFargate || hasBatch;
  const without = (names: readonly Name[], needed: string): Mistake[] =>
    names
      .filter((name) => isSet.has(name))
      .map((path) => ({ path, message: `has no effect without ${needed}` }));
  const usesAws =
    hasTasks ||
    ['BERTH_TABLE', 'BERTH_BUCKET', 'BERTH_SECRETS_PREFIX', 'BERTH_DEPLOY_ROLES'].some((name) =>
      isSet.has(name),
    );
  return [
    ...missingPartners(env, executorPairs),
    ...contradictions(env.BERTH_EXECUTOR, { hasFargate, hasBatch }),
    ...(hasFargate ? [] : without(ofFargate, 'ECS_CLUSTER_NAME')),
    ...(hasBatch ? [] : without(ofBatch, 'BERTH_BATCH_JOB_QUEUE')),
    ...(hasTasks
      ? []
      : without(['BERTH_TASK_URL', 'BERTH_MAX_VCPUS'], 'ECS_CLUSTER_NAME or BERTH_BATCH_JOB_QUEUE')),
    ...(isSet.has('BERTH_BUCKET') ? [] : without(['BERTH_KMS_KEY_ID'], 'BERTH_BUCKET')),
    ...(isSet.has('BERTH_BUCKET') && isSet.has('BERTH_CACHE_DIR')
      ? [{ path: 'BERTH_CACHE_DIR', message: 'has no effect with BERTH_BUCKET, which has the caches' }]
      : []),
    ...(isSet.has('BERTH_SECRETS_PREFIX') ? [] : without(['BERTH_SECRETS_BY_NAME'], 'BERTH_SECRETS_PREFIX')),
    ...(hasTasks ? withTasksOnAws(isSet) : []),
    ...(usesAws && regionOf(env) === undefined
      ? [{ path: 'AWS_REGION', message: 'is missing, and no ARN contains the region' }]
      : []),
  ];
}

function contradictions(
  executor: Environment['BERTH_EXECUTOR'],
  { hasFargate, hasBatch }: { readonly hasFargate: boolean; readonly hasBatch: boolean },
): readonly Mistake[] {
  const path = 'BERTH_EXECUTOR';
  const named = [
    ...(hasFargate ? [['fargate', 'ECS_CLUSTER_NAME'] as const] : []),
    ...(hasBatch ? [['batch', 'BERTH_BATCH_JOB_QUEUE'] as const] : []),
  ];
  if (executor === 'auto') return [];
  const others = named.filter(([name]) => name !== executor);
  const contrary = others.map(([, variable]) => ({
    path,
    message: `is ${executor}, and ${variable} is set. Remove one of the two`,
  }));
  if (executor !== 'fargate' && executor !== 'batch') return contrary;
  if (named.some(([name]) => name === executor)) return contrary;
  const needed = executor === 'fargate' ? 'ECS_CLUSTER_NAME' : 'BERTH_BATCH_JOB_QUEUE';
  return [...contrary, { path: needed, message: `is missing: BERTH_EXECUTOR is ${executor}` }];
}

function withTasksOnAws(isSet: ReadonlySet<string>): readonly Mistake[] {
  return ofThisMachine
    .filter((name) => isSet.has(name))
    .map((path) => ({ path, message: 'has no effect on tasks on AWS' }));
}

/** Returns the AWS settings of the environment; undefined if the server does not use AWS. */
export function serverAwsOf(env: Environment) {
  const region = regionOf(env);
  if (region === undefined) return undefined;
  const ecs = ecsOf(env, region);
  const batch = batchOf(env, region);
  const { BERTH_TABLE: table, BERTH_BUCKET: bucket, BERTH_SECRETS_PREFIX: prefix } = env;
  const deployRoles = env.BERTH_DEPLOY_ROLES.length === 0 ? undefined : env.BERTH_DEPLOY_ROLES;
  const parts = [ecs, batch, table, bucket, prefix, deployRoles];
  // A region in the environment is not for Berth only.
  if (parts.every((part) => part === undefined)) return undefined;
  return omitUndefined({
    region,
    /** If omitted, the embedded database. */
    table,
    /** If omitted, files. */
    bucket,
    kmsKeyId: env.BERTH_KMS_KEY_ID,
    /** Where tasks reach this server, if not at its public URL. */
    taskUrl: env.BERTH_TASK_URL?.replace(/\/+$/, ''),
    /** With neither `ecs` nor `batch`, tests run with Docker or as processes. */
    ecs,
    batch,
    /** Patterns of the ARNs of roles that runs may use. */
    deployRoles,
    maxTaskCpuUnits: env.BERTH_MAX_VCPUS === undefined ? undefined : env.BERTH_MAX_VCPUS * 1024,
    secrets: prefix === undefined ? undefined : { prefix, byName: env.BERTH_SECRETS_BY_NAME },
  });
}

function regionOf(env: Environment): string | undefined {
  const arns = [env.ECS_TASK_DEFINITION_ARN, env.ECS_CLUSTER_NAME, env.BERTH_BATCH_JOB_QUEUE];
  return env.AWS_REGION ?? arns.map((arn) => arn?.match(/^arn:[^:]+:[^:]+:([^:]+):/)?.[1]).find(Boolean);
}
