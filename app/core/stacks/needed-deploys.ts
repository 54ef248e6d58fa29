import { omitUndefined } from '../../lib/omit-undefined.ts';
import { branchKeyOf } from '../branches/branch-of.ts';
import type { Deps, StoreDeps } from '../deps.ts';
import { BerthError } from '../model/errors.ts';
import { type Holder, type RunId, runId } from '../model/ids.ts';
import { outcomeWithoutResult } from '../model/outcome.ts';
import type { Project } from '../model/project.ts';
import { isActive, isUnwanted, type NeededRun, type Run, type StackRequirement } from '../model/run.ts';
import { finish } from '../model/run-transitions.ts';
import type { Stack } from '../model/stack.ts';
import { deployCheck } from '../model/stack-deploy.ts';
import { isTooLate } from '../runs/needed-suites.ts';
import { type RetestDeps, retestRun } from '../runs/retest-run.ts';
import { latestRun } from '../runs/run-pages.ts';
import { isPassing } from '../runs/start-run.ts';
import { readHolder } from './holder-records.ts';

export type NeededState =
  | { readonly kind: 'ready'; readonly deploys: readonly Run[] }
  /** @property stack that of the run's holder. */
  | { readonly kind: 'waiting'; readonly deploy: string; readonly stack: Stack | undefined }
  /** @property deploy the run that did not deploy. */
  | { readonly kind: 'failed'; readonly deploy: Run }
  | { readonly kind: 'refused'; readonly deploy: string; readonly error: BerthError };

/**
 * Checks that the deployments which a run needs are on the stack of its holder. One that succeeded, but is no longer there
 * because the stack was released or has another commit by now, is run again. So is one that failed before a person asked
 * for this run.
 */
export async function checkDeploys(
  deps: RetestDeps,
  project: Project,
  run: Run,
  requirement: StackRequirement,
): Promise<NeededState> {
  const { deploys: wanted = [] } = run.spec;
  if (wanted.length === 0) return { kind: 'ready', deploys: [] };
  const { stack } = await readHolder(deps.store, project.id, requirement.holder);
  const deploys: Run[] = [];
  for (const needed of wanted) {
    const deploy = await latestDeploy(deps, needed, requirement.holder);
    // It is recorded shortly after the runs that need it.
    if (deploy === undefined && isTooLate(deps, run))
      return { kind: 'refused', deploy: needed.suite, error: withoutRun(needed.suite) };
    if (deploy === undefined) return { kind: 'waiting', deploy: needed.suite, stack };
    const isOurs = deploy.spec.stack?.holder === requirement.holder;
    if (isOurs && isActive(deploy)) return { kind: 'waiting', deploy: needed.suite, stack };
    if (isInPlace(deploy, stack)) {
      deploys.push(deploy);
      continue;
    }
    if (isOurs && deploy.deployed === undefined && !(await mayDeployAgain(deps, run, deploy)))
      return { kind: 'failed', deploy };
    try {
      await deployAgain(deps, project, { run, deploy, requirement });
    } catch (error) {
      if (!(error instanceof BerthError)) throw error;
      if (!isPassing(error)) return { kind: 'refused', deploy: needed.suite, error };
    }
    return { kind: 'waiting', deploy: needed.suite, stack };
  }
  return { kind: 'ready', deploys };
}

function withoutRun(suite: string): BerthError {
  return new BerthError(
    'deploy_failed',
    `Not run: berth/${suite} has no run, so there was nothing to test. When it succeeds, this suite runs.`,
  );
}

/** Whether the result of a deployment is on a stack now. */
export function isInPlace({ deployed, held, spec }: Run, stack: Stack | undefined): boolean {
  if (deployed === undefined || stack?.hold === undefined || stack.hold.teardownOf !== undefined)
    return false;
  const { done, begun } = stack.deploys?.[spec.suite] ?? {};
  return begun === undefined && held?.token === stack.token && done?.commit === deployed.commit;
}

/**
 * Returns the stack on which a deployment lets others go first: runs that were there before it, and that need what
 * is on the stack now. Undefined if it takes its turn.
 *
 * @param known the stack, with the turn of the deployment: from then on no other deployment changes it. A stack that is read before
 *   may be older than the runs that are read after it.
 */
export async function stackLeftToOthers(
  deps: RetestDeps,
  project: Project,
  run: Run,
  { holder }: StackRequirement,
  known?: Stack,
): Promise<Stack | undefined> {
  const stack = known ?? (await readHolder(deps.store, project.id, holder)).stack;
  if (stack === undefined) return undefined;
  for (const listed of await deps.store.runs.listActive(project.id)) {
    const needs = listed.spec.deploys?.some(({ suite }) => suite === run.spec.suite) === true;
    if (!needs || listed.spec.stack?.holder !== holder || listed.createdAt > run.createdAt) continue;
    const other = await deps.store.runs.get(listed.id);
    if (other !== undefined && (await isAboutToStart(deps, other, holder, stack))) return stack;
  }
  return undefined;
}

async function isAboutToStart(
  deps: Pick<Deps, 'store' | 'ids'>,
  { state, cancel, spec }: Run,
  holder: Holder,
  stack: Stack,
): Promise<boolean> {
  if ((state !== 'queued' && state !== 'waiting') || cancel !== undefined) return false;
  for (const needed of spec.deploys ?? []) {
    const deploy = await latestDeploy(deps, needed, holder);
    if (deploy === undefined || !isInPlace(deploy, stack)) return false;
  }
  return true;
}

/** Follows the runs of a deployment to the latest. If that has another holder, this holder gets a separate run. */
export async function latestDeploy(
  { store, ids }: Pick<Deps, 'store' | 'ids'>,
  needed: NeededRun,
  holder: Holder | undefined,
): Promise<Run | undefined> {
  const first = await store.runs.get(needed.runId);
  if (first === undefined) return undefined;
  const isOurs = holder === undefined || first.spec.stack?.holder === holder;
  const own = isOurs ? first : await store.runs.get(await redeployId(ids, first, holder));
  return own === undefined ? first : latestRun(store, own, ({ redeployedBy }) => redeployedBy);
}

/**
 * Whether a deployment that did not succeed is tried again for a run: a person asked for the run afterwards, or the
 * deployment was canceled for another commit, and the branch is back at this one.
 */
async function mayDeployAgain({ store }: StoreDeps, run: Run, deploy: Run): Promise<boolean> {
  const { finishedAt } = deploy;
  const wasBefore = finishedAt !== undefined && finishedAt <= run.createdAt;
  if (wasBefore && run.retryOf !== undefined) return true;
  const key = branchKeyOf(run);
  if (!wasBefore || key === undefined || !isUnwanted(deploy)) return false;
  const branch = await store.branches.get(key);
  return branch?.isOpen === true && branch.head === run.sha;
}

/** The key of an automatic repetition: one for each holder, regardless of which of its runs requests it first. */
function redeployKey(holder: Holder): string {
  return `deploy again for ${holder}`;
}

async function redeployId(ids: Deps['ids'], deploy: Run, holder: Holder): Promise<RunId> {
  return runId(await ids.derived('retest', deploy.id, redeployKey(holder)));
}

async function deployAgain(
  deps: RetestDeps,
  project: Project,
  { run, deploy, requirement }: { run: Run; deploy: Run; requirement: StackRequirement },
): Promise<void> {
  const { url: _, ...rest } = requirement;
  const url = deploy.spec.stack?.url;
  const stack = { ...rest, shares: false, ...omitUndefined({ url }) };
  const key = redeployKey(requirement.holder);
  await retestRun(deps, { project, run: deploy, trigger: run.trigger, key, redeployOn: stack });
}

/** Ends a run whose deployment failed: it has nothing to test. */
export function endWithoutDeploy(
  run: Run,
  needed: Extract<NeededState, { kind: 'failed' | 'refused' }>,
  now: Date,
): Run {
  if (needed.kind === 'refused') {
    const { code, message } = needed.error;
    return code === 'branch_closed'
      ? finish(run, 'cancelled', outcomeWithoutResult(message), now)
      : finish(run, 'errored', outcomeWithoutResult(message, code), now);
  }
  const { deploy } = needed;
  // The branch has another commit or is closed, so this run will be canceled too.
  if (isUnwanted(deploy))
    return finish(run, 'cancelled', outcomeWithoutResult(deploy.cancel?.reason ?? ''), now);
  const how = deploy.state === 'cancelled' ? 'was canceled' : 'failed';
  const summary = `Not run: berth/${deploy.spec.suite} ${how}, so there was nothing to test. When it succeeds, this suite runs.`;
  return finish(run, 'errored', outcomeWithoutResult(summary, 'deploy_failed'), now);
}

/**
 * Returns the facts about the stack for the command of a run: for a deployment, the commit that it replaces; for a suite, the outputs and
 * the URLs of what was deployed.
 */
export function heldWith(
  run: Run,
  stack: Stack,
  more: { isNew: boolean; initialCommit: string | undefined; deploys: readonly Run[] },
): NonNullable<Run['held']> {
  const own = run.spec.deploy === undefined ? undefined : stack.deploys?.[run.spec.suite]?.done?.commit;
  const { outputs, url } = outputsOf(stack, more.deploys);
  return omitUndefined({
    stackName: stack.stackName,
    token: stack.token,
    isNew: more.isNew,
    lastDeployedCommit: own ?? stack.lastDeployedCommit ?? more.initialCommit,
    outputs: Object.keys(outputs).length === 0 ? undefined : outputs,
    url,
  });
}

/** Merges the outputs of several deployments; for the same name, the later one. */
function outputsOf(
  stack: Stack,
  deploys: readonly Run[],
): { outputs: Readonly<Record<string, string>>; url?: string } {
  const outputs: Record<string, string> = {};
  let last: string | undefined;
  for (const { spec, deployed } of deploys) {
    const done = stack.deploys?.[spec.suite]?.done;
    const url = deployed?.url ?? done?.url;
    Object.assign(outputs, done?.outputs);
    if (url === undefined) continue;
    last = url;
    outputs.BERTH_URL = url;
    const name = urlVariable(spec.suite);
    if (name !== undefined) outputs[name] = url;
  }
  return omitUndefined({ outputs, url: last });
}

/** `BERTH_URL_API` for the deployment `deploy/api`. */
function urlVariable(suite: string): string | undefined {
  if (suite === deployCheck || !suite.startsWith(`${deployCheck}/`)) return undefined;
  const name = suite.slice(deployCheck.length + 1);
  return `BERTH_URL_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}
