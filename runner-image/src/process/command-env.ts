import type { Commit, Job } from '../../../app/core/model/job.ts';
import {
  namesIn,
  passedVariables,
  passMoreVariable,
  selectVariables,
} from '../../../app/core/model/task-environment.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import { processTagVariable } from './process-group.ts';

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface BaseEnvOptions {
  /** The runner's environment. */
  readonly own: Readonly<Record<string, string | undefined>>;
  /** The value of `TMPDIR`. */
  readonly temporaryDirectory: string;
  /** The value of {@link processTagVariable}. */
  readonly tag: string;
}

/**
 * @returns the environment of every process that the runner starts: variables of the machine, without those of the job
 */
export function baseEnv({ own, temporaryDirectory, tag }: BaseEnvOptions): Record<string, string> {
  const passed = selectVariables(own, [...passedVariables, ...namesIn(own[passMoreVariable])]);
  return {
    PATH: defaultPath,
    HOME: temporaryDirectory,
    LANG: 'C.UTF-8',
    ...passed,
    TMPDIR: temporaryDirectory,
    [processTagVariable]: tag,
  };
}

/** The result of a checkout. */
export interface CheckedOut {
  readonly sha: string;
  /** If omitted, the source is an archive. */
  readonly commit?: Commit;
  /** Without credentials. If omitted, the source is an archive, whose URL is a secret. */
  readonly repositoryUrl?: string;
}

/**
 * @returns the environment of the suite's commands: the base, the suite's variables, and Berth's, which a suite cannot
 *   change
 */
export function commandEnv(
  base: Readonly<Record<string, string>>,
  job: Job,
  { sha, repositoryUrl }: CheckedOut,
  outputFile: string,
): Record<string, string> {
  const { stack } = job;
  return {
    ...base,
    CI: 'true',
    ...omitUndefined({ REPO_URL: repositoryUrl }),
    BRANCH: job.source.branch,
    TEST_COMMAND: job.command,
    ...job.env,
    ...job.secretEnv,
    BERTH_RUN_ID: job.runId,
    BERTH_PROJECT: job.project,
    BERTH_SUITE: job.suite,
    BERTH_BRANCH: job.source.branch,
    BERTH_SHA: sha,
    BERTH_OUTPUT: outputFile,
    ...(stack === undefined ? {} : { BERTH_STACK: stack.name, BERTH_STACK_TOKEN: String(stack.token) }),
    ...(stack?.lastDeployedCommit === undefined
      ? {}
      : { BERTH_LAST_DEPLOYED_COMMIT: stack.lastDeployedCommit }),
    [processTagVariable]: base[processTagVariable] ?? '',
  };
}

/** Where Fargate serves the credentials of the task's role, and the region that SDKs need with them. */
const taskRoleVariables = ['AWS_CONTAINER_CREDENTIALS_RELATIVE_URI', 'AWS_REGION', 'AWS_DEFAULT_REGION'];

/** @returns variables that let the commands use the role of the task, if the suite asks for it. */
export function taskRoleEnv(
  own: BaseEnvOptions['own'],
  { taskRole }: Pick<Job, 'taskRole'>,
): Record<string, string> {
  return taskRole ? selectVariables(own, taskRoleVariables) : {};
}
