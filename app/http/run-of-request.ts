import { isDeepStrictEqual } from 'node:util';
import { checkBranchName } from '../core/model/branch-name.ts';
import { checkCloneUrl } from '../core/model/clone-url.ts';
import { BerthError } from '../core/model/errors.ts';
import { holder, publicRunId, type RunId, runId } from '../core/model/ids.ts';
import { type Project, stackLimitOf } from '../core/model/project.ts';
import type { Run, RunSource, RunSpec, StackRequirement } from '../core/model/run.ts';
import { runDefaults } from '../core/model/run-defaults.ts';
import { uploadedSource } from '../core/model/run-keys.ts';
import type { StartRequest } from '../core/runs/start-run.ts';
import { findStack } from '../core/stacks/release-stack.ts';
import { omitUndefined } from '../lib/omit-undefined.ts';
import type { Caller } from './auth/caller.ts';
import { runIdFor } from './find-run.ts';
import type { HttpDeps } from './http-deps.ts';
import type { RunRequest } from './schemas/run-request.ts';

export type RequestDeps = Pick<HttpDeps, 'store' | 'ids' | 'cloneRules' | 'githubHost'>;

/**
 * Builds the run that a request asks for.
 *
 * @throws BerthError `branch_invalid`, `url_not_allowed`; `invalid_request`, `stack_not_found` for a stack that there is not, and a teardown or a role without one.
 */
export async function runOfRequest(
  deps: RequestDeps,
  { project, caller, request }: { project: Project; caller: Caller; request: RunRequest },
): Promise<StartRequest> {
  checkBranchName(request.branch);
  const source = sourceOf(deps, project, request);
  const id = await idOf(deps, project, request);
  const stack = await stackRequirementOf(deps, project, id, request);
  const spec: RunSpec = omitUndefined({
    suite: request.suite,
    source,
    branch: request.branch,
    command: request.test_command,
    setup: request.setup,
    shell: request.shell,
    rerun: request.rerun,
    role: request.role,
    ...teardownOf(request),
    env: request.env,
    secrets: {},
    image: request.image,
    cpuUnits: request.cpu ?? runDefaults.cpuUnits,
    memoryMib: request.memory,
    timeoutSeconds: request.timeout_seconds,
    junit: request.junit,
    artifacts: request.artifacts,
    caches: request.cache,
    services: request.services?.length === 0 ? undefined : request.services,
    stack,
    retries: request.retries,
    concurrency: request.concurrency,
    checkout: checkoutOf(request),
    untrusted: false,
  });
  return omitUndefined({
    project,
    id,
    spec,
    trigger: { kind: caller.trigger, actor: caller.actor },
    sha: request.sha,
  });
}

function sourceOf(deps: RequestDeps, project: Project, request: RunRequest): RunSource {
  if (request.source_id === undefined) {
    checkCloneUrl(request.repo_url, { ...deps.cloneRules, ...hostsOf(deps, project) });
    return { kind: 'git', url: request.repo_url };
  }
  if (request.sha === undefined) {
    throw new BerthError('invalid_request', 'An uploaded source needs `sha`, its commit.', {
      details: [{ path: 'sha', message: 'is missing' }],
    });
  }
  return uploadedSource(request.source_id);
}

function teardownOf({ teardown }: RunRequest): Pick<RunSpec, 'teardown' | 'teardownOptions'> {
  if (teardown === undefined) return {};
  if (typeof teardown === 'string') return { teardown };
  const { command, on_failure: onFailure, timeout_seconds: timeoutSeconds, retries } = teardown;
  return { teardown: command, teardownOptions: omitUndefined({ onFailure, timeoutSeconds, retries }) };
}

function checkoutOf({ checkout }: RunRequest): RunSpec['checkout'] | undefined {
  if (checkout === undefined) return undefined;
  const { fetch_depth: fetchDepth, ...others } = checkout;
  return omitUndefined({ ...others, fetchDepth });
}

/**
 * Checks that a repeated request matches the run of the first one.
 *
 * @throws BerthError `conflict`.
 */
export function refuseAnother(run: Run, asked: StartRequest): void {
  // Through JSON, like the stored run: absent and undefined fields are equal there.
  const same = isDeepStrictEqual(plain(run.spec), plain(asked.spec));
  if (same && (asked.sha === undefined || asked.sha === run.sha)) return;
  throw new BerthError(
    'conflict',
    `The workflow ${publicRunId(run.id)} was started by another request under this name.`,
    {
      hint: 'Use a new idempotency_key or run_id for a new workflow.',
    },
  );
}

function plain(spec: RunSpec): unknown {
  return JSON.parse(JSON.stringify(spec));
}

async function idOf(deps: RequestDeps, project: Project, request: RunRequest): Promise<RunId> {
  if (request.run_id !== undefined) return runIdFor(deps, project, request.run_id);
  return runId(
    request.idempotency_key === undefined
      ? deps.ids.unique()
      : await deps.ids.derived('execute', project.id, request.idempotency_key),
  );
}

/** The project's own repository may be cloned even if its host is not in the list. */
function hostsOf(
  { githubHost }: RequestDeps,
  { settings, github }: Project,
): { allowedHosts?: readonly string[] } {
  if (settings.allowedHosts === undefined) return {};
  return {
    allowedHosts: github === undefined ? settings.allowedHosts : [...settings.allowedHosts, githubHost],
  };
}

async function stackRequirementOf(
  deps: RequestDeps,
  project: Project,
  id: RunId,
  request: RunRequest,
): Promise<StackRequirement | undefined> {
  const hasStacks = stackLimitOf(project.settings) > 0;
  const { stack = hasStacks || request.holder !== undefined } = request;
  if (stack === false && request.teardown !== undefined) {
    throw new BerthError('invalid_request', 'There is no stack to tear down: this workflow has none.', {
      hint: 'Omit teardown, or request a stack, in a project that has stacks.',
      details: [{ path: 'teardown', message: 'needs a stack' }],
    });
  }
  if (stack === false && request.role !== undefined) {
    throw new BerthError('invalid_request', 'A role needs a stack, and this workflow has none.', {
      hint: 'Omit role, or request a stack, in a project that has stacks.',
      details: [{ path: 'role', message: 'needs a stack' }],
    });
  }
  if (stack === false) return undefined;
  if (!hasStacks) {
    throw new BerthError('invalid_request', `Project ${project.name} has no stacks.`, {
      hint: 'Omit stack and holder, or raise maxStacks in the project settings.',
      details: [{ path: 'stack', message: 'the project has no stacks' }],
    });
  }
  const name = stack === true ? undefined : (await findStack(deps, project, stack)).stackName;
  return omitUndefined({
    name,
    ...(request.holder === undefined
      ? { holder: holder.run(id), hold: 'run' }
      : { holder: holder.client(request.holder), hold: 'pull_request' }),
    shares: false,
  });
}
