import { BerthError } from '../../core/model/errors.ts';
import type { LaunchRequest } from '../../ports/executor.ts';

/**
 * How long the overrides of a task may be, counted with the characters of their JSON. Batch hands its own on to ECS, and
 * so has the same limit. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
 */
const maxOverrideCharacters = 8_192;

/** The job document has these in full, so that they may be left out where they are too long. The first go first. */
const leftOutFirst = ['TEST_COMMAND', 'REPO_URL', 'BRANCH'];

/**
 * Overrides with as much of the environment as AWS takes.
 *
 * @param overridesWith what is sent, given the environment.
 * @throws BerthError `launch_failed` where even the necessary is too much.
 */
export function withinLimit<Overrides>(
  { env, jobUrl }: Pick<LaunchRequest, 'env' | 'jobUrl'>,
  overridesWith: (environment: { name: string; value: string }[]) => Overrides,
): Overrides {
  const all = Object.entries({ ...env, BERTH_JOB_URL: jobUrl }).map(([name, value]) => ({ name, value }));
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

/** Fargate is never as large as asked for. */
export function noSuchSize({ cpuUnits, memoryMib }: LaunchRequest): BerthError {
  const asked = `${cpuUnits} CPU units and ${memoryMib} MiB`;
  return new BerthError('launch_failed', `Fargate has no tasks with ${asked}.`, {
    hint: 'It has at most 16 vCPUs (16384 units) and 120 GiB (122880 MiB).',
  });
}
