import type { z } from 'zod';
import type { Policy } from '../../core/policy.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { environmentSchema } from './variables.ts';

/** The variables that limit what runs may use, with the same meaning on a server and on AWS. */
export const limitVariables = [
  'BERTH_MAX_TASKS',
  'BERTH_MAX_PROJECT_TASKS',
  'BERTH_MAX_PROJECT_VCPUS',
  'BERTH_MAX_RUN_SECONDS',
  'BERTH_MAX_LOG_MIB',
  'BERTH_MAX_ARTIFACTS_MIB',
  'BERTH_MAX_CACHE_MIB',
  'BERTH_CACHE_DAYS',
  'BERTH_MONTHLY_BUDGET_USD',
  'BERTH_BUDGET_ACTION',
] as const satisfies readonly (keyof typeof environmentSchema.shape)[];

/** The part of the policy that these variables set. */
export type ConfiguredLimits = Pick<
  Policy,
  | 'maxTasks'
  | 'projectTasks'
  | 'projectVcpus'
  | 'maxRunSeconds'
  | 'maxLogBytes'
  | 'maxArtifactBytes'
  | 'maxCacheBytes'
  | 'cacheDays'
  | 'budget'
>;

const mib = 1024 * 1024;

export function limitsOf(
  env: Pick<z.output<typeof environmentSchema>, (typeof limitVariables)[number]>,
): ConfiguredLimits {
  const unlessZero = (limit: number): number | undefined => (limit === 0 ? undefined : limit);
  return omitUndefined({
    maxTasks: unlessZero(env.BERTH_MAX_TASKS),
    projectTasks: unlessZero(env.BERTH_MAX_PROJECT_TASKS),
    projectVcpus: unlessZero(env.BERTH_MAX_PROJECT_VCPUS),
    maxRunSeconds: env.BERTH_MAX_RUN_SECONDS,
    maxLogBytes: env.BERTH_MAX_LOG_MIB * mib,
    maxArtifactBytes: env.BERTH_MAX_ARTIFACTS_MIB * mib,
    maxCacheBytes: env.BERTH_MAX_CACHE_MIB * mib,
    cacheDays: env.BERTH_CACHE_DAYS,
    budget: {
      ...(env.BERTH_MONTHLY_BUDGET_USD === 0 ? {} : { monthlyUsd: env.BERTH_MONTHLY_BUDGET_USD }),
      action: env.BERTH_BUDGET_ACTION,
    },
  });
}
