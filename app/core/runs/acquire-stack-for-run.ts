import { later } from '../../lib/later.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreClockDeps } from '../deps.ts';
import { acquireGroupSlot, acquireSlot, releaseSlots, type SlotDeps } from '../limits/concurrency-slot.ts';
import { BerthError, LostRace } from '../model/errors.ts';
import { outcomeWithoutResult } from '../model/outcome.ts';
import type { Project } from '../model/project.ts';
import type { Run, StackRequirement } from '../model/run.ts';
import { isTerminal } from '../model/run-state.ts';
import { finish, transition } from '../model/run-transitions.ts';
import { type Stack, stackNameOf } from '../model/stack.ts';
import { projectOf, suspendedReason } from '../projects/project-of.ts';
import { endTurn } from '../stacks/acquire-stack.ts';
import {
  checkDeploys,
  endWithoutDeploy,
  heldWith,
  isInPlace,
  stackLeftToOthers,
} from '../stacks/needed-deploys.ts';
import { beginDeploy } from '../stacks/record-deploy.ts';
import { findStack, withoutEndedRuns } from '../stacks/release-stack.ts';
import { releaseStackOfRun } from '../stacks/release-stack-of-run.ts';
import { type RequestDeps, requestStack } from '../stacks/request-stack.ts';
import { type ReuseDeps, reuseDeploy } from '../stacks/reuse-deploy.ts';
import { done, type ReconcileResult, requeue, shown } from './known-run.ts';
import { checkNeededSuites, endWithoutSuite } from './needed-suites.ts';
import type { RetestDeps } from './retest-run.ts';

export type AcquireDeps = RequestDeps & SlotDeps & ReuseDeps & RetestDeps;

/**
 * Acquires the stack of a queued or waiting run and its turn on the stack, or its position in the queue.
 *
 * Another pass may end the run at the same time, and look for what the run holds before this pass has acquired it. So a
 * pass that loses its write releases what it may have acquired.
 */
export async function acquireStackForRun(deps: AcquireDeps, run: Run): Promise<ReconcileResult> {
  try {
    return await acquire(deps, run);
  } catch (error) {
    if (error instanceof LostRace) await releaseWhereEnded(deps, run);
    throw error;
  }
}

async function acquire(deps: AcquireDeps, run: Run): Promise<ReconcileResult> {
  const now = deps.clock.now();
  const cancelled = (reason: string) => finish(run, 'cancelled', outcomeWithoutResult(reason), now);
  if (run.cancel !== undefined) return saveAndRequeue(deps, cancelled(run.cancel.reason));
  // What has waited for anything else has passed this check: it may have its turn already.
  if (run.waiting === undefined || run.waiting.reason === 'suite') {
    const needed = await checkNeededSuites(deps, run);
    if (needed.kind === 'waiting') return wait(deps, run, { reason: 'suite', suite: needed.suite });
    if (needed.kind !== 'passed') return saveAndRequeue(deps, endWithoutSuite(run, needed, now));
  }
  const requirement = run.spec.stack;
  const project = await projectOf(deps, run.projectId);
  // Also a run whose request came before the project was suspended. A teardown runs: an archived repository can still be read.
  if (project.suspendedAt !== undefined && run.spec.teardownOf === undefined)
    return saveAndRequeue(deps, cancelled(suspendedReason));
  if (requirement === undefined) return begin(deps, run, project);
  try {
    return await acquireWithDeploys(deps, project, run, requirement);
  } catch (error) {
    if (!(error instanceof BerthError) || error.code !== 'stack_not_found') throw error;
    return saveAndRequeue(deps, finish(run, 'errored', outcomeWithoutResult(error.message, error.code), now));
  }
}

/** Saves the run, which then takes its next step. */
async function saveAndRequeue(deps: StoreClockDeps, run: Run): Promise<ReconcileResult> {
  await deps.store.runs.save(run, deps.clock.now());
  return requeue;
}

/** Waits for the deployments that the run needs before it requests its turn: they need exclusive use of the stack. */
async function acquireWithDeploys(
  deps: AcquireDeps,
  project: Project,
  run: Run,
  requirement: StackRequirement,
): Promise<ReconcileResult> {
  const needed = await checkDeploys(deps, project, run, requirement);
  if (needed.kind === 'waiting') {
    await giveUpTurn(deps, project, run, needed.stack);
    return wait(deps, run, { reason: 'deploy', deploy: needed.deploy });
  }
  if (needed.kind !== 'ready') return saveAndRequeue(deps, endWithoutDeploy(run, needed, deps.clock.now()));
  const left =
    run.spec.deploy === undefined ? undefined : await stackLeftToOthers(deps, project, run, requirement);
  if (left !== undefined) {
    await giveUpTurn(deps, project, run, left);
    return wait(deps, run, { reason: 'turn' });
  }
  return acquireStack(deps, { project, run, requirement, deploys: needed.deploys });
}

/**
 * Ends the turn of a run that must wait for others on its stack. It has one if it waited for a slot, or if the process
 * crashed before it saved the start. Otherwise each would wait for the other forever.
 */
async function giveUpTurn(deps: AcquireDeps, project: Project, run: Run, stack: Stack | undefined) {
  if (stack?.activeRuns.includes(run.id)) await endTurn(deps, project, stack, run.id);
}

interface Wanted {
  readonly project: Project;
  readonly run: Run;
  readonly requirement: StackRequirement;
  /** The deployments that must be on the stack. */
  readonly deploys: readonly Run[];
}

async function acquireStack(deps: AcquireDeps, wanted: Wanted): Promise<ReconcileResult> {
  const { project, run, requirement } = wanted;
  const { name } = requirement;
  const stackNumber = name === undefined ? undefined : (await findStack(deps, project, name)).number;
  const answer = await requestStack(
    deps,
    omitUndefined({
      project,
      holder: requirement.holder,
      branch: run.spec.branch,
      wait: true,
      runId: run.id,
      author: run.trigger.actor,
      turn: omitUndefined({
        runId: run.id,
        shares: requirement.shares,
        keeps: requirement.hold !== 'run',
        teardown: run.spec.teardown === undefined ? undefined : run.spec.suite,
      }),
      turnSeconds: run.spec.timeoutSeconds + deps.policy.overheadSeconds,
      stackNumber,
    }),
  );
  switch (answer.kind) {
    case 'held':
      return startOn(deps, wanted, answer);
    case 'closed': {
      const outcome = outcomeWithoutResult('The pull request was closed before the run began.');
      return saveAndRequeue(deps, finish(run, 'cancelled', outcome, deps.clock.now()));
    }
    case 'busy':
      if (await hasEndedTurns(deps, project, answer.stackNumber)) return acquireStack(deps, wanted);
      return wait(deps, run, {
        reason: 'turn',
        stackName: stackNameOf(project.settings.prefix, answer.stackNumber),
      });
    case 'waiting':
    case 'none':
      return wait(deps, run, { reason: 'line', position: answer.position });
  }
}

/** The run has its turn on the stack: it starts, unless its deployment is on the stack already. */
async function startOn(
  deps: AcquireDeps,
  { project, run, requirement, deploys }: Wanted,
  { stack, isNew }: { stack: Stack; isNew: boolean },
): Promise<ReconcileResult> {
  const isDeploy = run.spec.deploy !== undefined;
  if (isDeploy && (await stackLeftToOthers(deps, project, run, requirement, stack)) !== undefined) {
    await endTurn(deps, project, stack, run.id);
    return wait(deps, run, { reason: 'turn' });
  }
  // In the meantime, the holder may have another stack, or the deployment may have changed.
  if (!deploys.every((deploy) => isInPlace(deploy, stack))) {
    await endTurn(deps, project, stack.number, run.id);
    return requeue;
  }
  const held = heldWith(run, stack, { isNew, initialCommit: project.settings.initialCommit, deploys });
  // A run of a branch without a commit tests the commit that was deployed for it.
  const sha = run.sha ?? deploys[0]?.sha;
  const ready = omitUndefined({ ...run, held, sha });
  const reused = isDeploy ? await reuseDeploy(deps, ready, stack) : undefined;
  return reused === undefined ? begin(deps, ready, project) : saveAndRequeue(deps, reused);
}

/** @returns whether ended runs still had their turn, which is ended now. */
async function hasEndedTurns(deps: StoreClockDeps, project: Project, number: number): Promise<boolean> {
  const stack = await deps.store.stacks.get(project.id, number);
  if (stack === undefined) return false;
  const left = await withoutEndedRuns(deps, project, stack);
  return left.activeRuns.length < stack.activeRuns.length;
}

async function wait(
  deps: Pick<Deps, 'store' | 'clock' | 'policy'>,
  run: Run,
  waiting: NonNullable<Run['waiting']>,
): Promise<ReconcileResult> {
  const now = deps.clock.now();
  // A position is not a change: in a long queue it is another one after each call, and the next reconciliation shows it.
  const changed =
    run.waiting?.reason !== waiting.reason ||
    run.waiting.deploy !== waiting.deploy ||
    run.waiting.suite !== waiting.suite ||
    run.waiting.stackName !== waiting.stackName;
  const dueAt = later(now, waitSeconds(deps, waiting.position ?? 1));
  await deps.store.runs.save(transition(run, 'waiting', now, { waiting, dueAt }), now);
  return changed && run.github !== undefined ? shown : done;
}

/** A grant wakes the run immediately, so it checks less often the further back it is, but before its ticket expires. */
function waitSeconds({ policy }: Pick<Deps, 'policy'>, position: number): number {
  return Math.min(policy.waitCheckSeconds * Math.max(1, position), policy.ticketSeconds / 3);
}

/**
 * The run has everything except slots, which it requests last, first that of its concurrency group: a run with a slot never
 * waits for a stack, so that slots never wait for stacks while stacks wait for slots.
 */
async function begin(deps: AcquireDeps, run: Run, project: Project): Promise<ReconcileResult> {
  const group = await acquireGroupSlot(deps, run);
  if (group.kind === 'waiting')
    return waitForSlot(
      deps,
      run,
      omitUndefined({ position: group.position, group: run.spec.concurrency?.group }),
    );
  const slot = await acquireSlot(deps, run, project);
  if (slot.kind === 'waiting') return waitForSlot(deps, run, { position: slot.position });
  const now = deps.clock.now();
  const asked = slot.kind === 'held' ? { slot: 'asked' as const } : {};
  if (run.spec.deploy !== undefined) await beginDeploy(deps, run);
  return saveAndRequeue(deps, toProvisioning({ ...run, ...asked }, now));
}

/** The run stays queued, or waiting if it waited for its stack. */
async function waitForSlot(
  deps: Pick<Deps, 'store' | 'clock' | 'policy'>,
  run: Run,
  place: { readonly position: number; readonly group?: string },
): Promise<ReconcileResult> {
  const now = deps.clock.now();
  const { reason, group } = run.waiting ?? {};
  const changed = reason !== 'capacity' || group !== place.group;
  const dueAt = later(now, deps.policy.waitCheckSeconds);
  const waiting = { reason: 'capacity', ...place } as const;
  await deps.store.runs.save(transition(run, run.state, now, { waiting, slot: 'asked', dueAt }), now);
  return changed && run.github !== undefined ? shown : done;
}

async function releaseWhereEnded(deps: AcquireDeps, run: Run): Promise<void> {
  const latest = await deps.store.runs.get(run.id);
  if (latest !== undefined && !isTerminal(latest.state)) return;
  const project = await deps.store.projects.get(run.projectId);
  if (project === undefined) return;
  await releaseStackOfRun(deps, latest ?? run, project);
  await releaseSlots(deps, run, project);
}

/** Records the intent before the launch, so that a launch can be found after a crash. */
function toProvisioning(run: Run, now: Date): Run {
  const { waiting: _, ...rest } = run;
  // A time that has come need not change: each change costs two writes of the index.
  const dueAt = run.dueAt !== undefined && run.dueAt <= now ? run.dueAt : now;
  return transition(rest, 'provisioning', now, { launches: run.launches + 1, dueAt });
}
