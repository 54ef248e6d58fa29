import { z } from 'zod';
import type { Policy } from '../../core/policy.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import { integer } from './shared-schemas.ts';

/** The variables that limit what runs may use, with the same meaning on a server and on AWS. */
export const limitVariables = {
  BERTH_MAX_TASKS: integer(0)
    .default(100)
    .describe('Maximum number of parallel tasks of all projects. Further runs stay queued. 0: no limit.'),
  BERTH_MAX_PROJECT_TASKS: integer(0)
    .default(50)
    .describe(
      'Maximum number of parallel tasks of a project whose settings have no `maxTasks`. 0: no limit.',
    ),
  BERTH_MAX_PROJECT_VCPUS: integer(0)
    .default(200)
    .describe(
      'vCPUs that the parallel tasks of a project may use if its settings have no `maxVcpus`. 0: no limit.',
    ),
  BERTH_MAX_RUN_SECONDS: integer(60, 86_400)
    .default(86_400)
    .describe('Longest time limit of a run. A longer `timeout` is reduced to it, and the run has a warning.'),
  BERTH_MAX_LOG_MIB: integer(1, 10_240)
    .default(200)
    .describe('Size limit of the log of a run, in MiB. The log ends there; the tests continue.'),
  BERTH_MAX_ARTIFACTS_MIB: integer(1, 5_000)
    .default(512)
    .describe('Size limit of the archive with the artifacts of a run, in MiB.'),
  BERTH_MAX_CACHE_MIB: integer(1, 5_000)
    .default(2_048)
    .describe('Size limit of the archive of a cache, in MiB. A larger cache is not saved.'),
  BERTH_CACHE_DAYS: integer(1, 365)
    .default(14)
    .describe('Days after which a saved cache is no longer restored.'),
  BERTH_MONTHLY_BUDGET_USD: z.coerce
    .number()
    .min(0)
    .default(1_000)
    .describe(
      'Estimated cost of all runs in a month (UTC), in US dollars, from which Berth warns. Tasks on your own machine cost nothing. 0: no budget.',
    ),
  BERTH_BUDGET_ACTION: z
    .enum(['warn', 'stop'])
    .default('warn')
    .describe('What happens when a budget is used up: `warn`, or `stop` new runs until the next month.'),
};

const schema = z.object(limitVariables);

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

export function limitsOf(env: z.output<typeof schema>): ConfiguredLimits {
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
