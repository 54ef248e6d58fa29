import { BerthError } from '../../core/model/errors.ts';
import { type HeldKeys, keysVariable } from '../../core/model/task.ts';
import type { LaunchRequest } from '../../ports/executor.ts';

/**
 * The maximum length of the overrides of a task, in characters of JSON. Batch passes its own on to ECS, and
 * so has the same limit. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
const maxOverrideCharacters = 8_192;

/** The job document also has these, or they only save a read, so they are left out if they are too long, in this order. */
const leftOutFirst = [keysVariable, 'TEST_COMMAND', 'REPO_URL', 'BRANCH'];

type WithEnvironment = Pick<LaunchRequest, 'env' | 'jobUrl'> &
  Partial<Pick<LaunchRequest, 'projectId' | 'stackName' | 'holder'>>;

/** The names of the items that the end of the task's run needs. They are not secrets, and cause nothing but reads. */
function keysOf({ projectId, stackName, holder }: WithEnvironment): Record<string, string> {
  if (projectId === undefined || stackName === undefined || holder === undefined) return {};
  const keys: HeldKeys = { projectId, stackName, holder };
  return { [keysVariable]: JSON.stringify(keys) };
}

/**
 * Builds overrides with as much of the environment as AWS accepts.
 *
 * @param overridesWith builds the overrides for an environment.
 * @throws BerthError `launch_failed` if even the required variables are too long.
 */
export function withinLimit<Overrides>(
  request: WithEnvironment,
  overridesWith: (environment: { name: string; value: string }[]) => Overrides,
): Overrides {
  const { env, jobUrl } = request;
  const all = Object.entries({ ...env, ...keysOf(request), BERTH_JOB_URL: jobUrl }).map(([name, value]) => ({
    name,
    value,
  }));
  const without = (names: readonly string[]) =>
    overridesWith(all.filter(({ name }) => !names.includes(name)));
  for (let leftOut = 0; leftOut <= leftOutFirst.length; leftOut += 1) {
    const overrides = without(leftOutFirst.slice(0, leftOut));
    if (JSON.stringify(overrides).length <= maxOverrideCharacters) return overrides;
  }
  const length = JSON.stringify(without(leftOutFirst)).length;
  throw new BerthError(
    'launch_failed',
    `The environment of the task has ${length} characters; AWS accepts ${maxOverrideCharacters}.`,
    { hint: 'Shorten the URL of the job, or the names and values of the environment.' },
  );
}

/** Fargate reports less memory than requested. */
export function noSuchSize({
  cpuUnits,
  memoryMib,
}: Pick<LaunchRequest, 'cpuUnits' | 'memoryMib'>): BerthError {
  const asked = `${cpuUnits} CPU units and ${memoryMib} MiB`;
  return new BerthError('launch_failed', `Fargate has no tasks with ${asked}.`, {
    hint: 'It has at most 16 vCPUs (16384 units) and 120 GiB (122880 MiB).',
  });
}
