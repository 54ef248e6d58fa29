import { BerthError } from '../core/model/errors.ts';
import { runId } from '../core/model/ids.ts';
import type { Project } from '../core/model/project.ts';
import type { Run, RunSpec } from '../core/model/run.ts';
import { deployCheck } from '../core/model/stack-deploy.ts';
import { cancelRun } from '../core/runs/cancel-run.ts';
import { type StartDeps, type StartRequest, startRun } from '../core/runs/start-run.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Caller } from './auth/caller.ts';
import { type RequestDeps, refuseAnother, runOfRequest } from './run-of-request.ts';
import type { RunRequest } from './schemas/run-request.ts';

type DeployRequest = NonNullable<RunRequest['deploy']>;

/**
 * Starts the run that a request asks for, and before it the run that deploys, if the request has one. A repeated request
 * finds the runs of the first.
 *
 * @throws BerthError as {@link runOfRequest} and {@link startRun} do.
 */
export async function startRequested(
  deps: StartDeps & RequestDeps,
  asked: { project: Project; caller: Caller; request: RunRequest },
): Promise<Run> {
  const tests = await runOfRequest(deps, asked);
  const { deploy: wanted } = asked.request;
  if (wanted === undefined) return startOrFind(deps, tests);
  const deploy = await deployOf(deps, tests, wanted);
  const needed = [{ suite: deploy.spec.suite, runId: deploy.id }];
  const deploying = await startRun(deps, deploy);
  if (!deploying.created) refuseAnother(deploying.run, deploy);
  try {
    return await startOrFind(deps, { ...tests, spec: { ...tests.spec, deploys: needed } });
  } catch (error) {
    const reason = 'Its tests could not be started.';
    if (deploying.created) await cancelRun(deps, { id: deploy.id, reason });
    throw error;
  }
}

async function startOrFind(deps: StartDeps, asked: StartRequest): Promise<Run> {
  const { run, created } = await startRun(deps, asked);
  if (!created) refuseAnother(run, asked);
  return run;
}

async function deployOf(
  { ids }: Pick<RequestDeps, 'ids'>,
  tests: StartRequest,
  wanted: DeployRequest,
): Promise<StartRequest> {
  const { stack, teardown: _, teardownOptions: __, setup: ___, concurrency: ____, ...others } = tests.spec;
  const { services: _____, rerun: ______, ...spec } = others;
  if (stack === undefined) {
    throw new BerthError('invalid_request', 'There is no stack to deploy to: this workflow has none.', {
      hint: 'Omit deploy, or request a stack, in a project that has stacks.',
      details: [{ path: 'deploy', message: 'needs a stack' }],
    });
  }
  const deploySpec: RunSpec = omitUndefined({
    ...spec,
    suite: wanted.name === undefined ? deployCheck : `${deployCheck}/${wanted.name}`,
    command: wanted.command,
    setup: wanted.setup,
    timeoutSeconds: wanted.timeout_seconds,
    junit: [],
    artifacts: [],
    retries: 0,
    stack: omitUndefined({ ...stack, shares: false, url: wanted.url }),
    deploy: omitUndefined({ paths: wanted.paths, cancelSuperseded: false }),
  });
  return { ...tests, id: runId(await ids.derived('deploy', tests.id)), spec: deploySpec };
}
