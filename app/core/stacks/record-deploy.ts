import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, StoreClockDeps } from '../deps.ts';
import { LostRace } from '../model/errors.ts';
import { deployNoted } from '../model/hold.ts';
import { type Outcome, outcomeWithoutResult } from '../model/outcome.ts';
import type { Deployed, Run } from '../model/run.ts';
import type { TerminalState } from '../model/run-state.ts';
import { type Stack, stackNumberOf } from '../model/stack.ts';
import { deployUrl, type StackDeploy } from '../model/stack-deploy.ts';
import { changeStack } from './change-stack.ts';
import { recipeOf } from './reuse-deploy.ts';

export type RecordDeps = Pick<Deps, 'store' | 'clock' | 'ids'>;

/**
 * Records on the stack that a deployment begins. From now on the content of the stack is unknown, until a deployment has
 * succeeded: a crash is followed by another deployment, never by tests of an older one.
 *
 * @throws LostRace if the hold has ended.
 */
export async function beginDeploy(deps: RecordDeps, run: Run): Promise<void> {
  const now = deps.clock.now();
  const begun = omitUndefined({ runId: run.id, at: now, commit: run.sha });
  const noted = await noteDeploy(deps, run, (known) =>
    // A late pass: this run has already deployed.
    known.done?.runId === run.id ? known : omitUndefined({ done: known.done, begun }),
  );
  if (noted === undefined) throw new LostRace(`the hold of ${run.held?.stackName ?? 'a stack'} has ended`);
}

/**
 * Records a successful deployment on the stack, while its hold lasts. May be repeated.
 *
 * @returns how the run ends: as an error if its hold had ended, since another one may have changed the stack.
 */
export async function recordDeploy(
  deps: RecordDeps,
  run: Run,
  outcome: Outcome,
): Promise<{ state: TerminalState; outcome: Outcome; deployed?: Deployed }> {
  const { sha: commit, held, spec } = run;
  if (commit === undefined || held === undefined) {
    const reason = 'The deployment ended without reporting its commit.';
    return { state: 'errored', outcome: { ...outcome, ...outcomeWithoutResult(reason, 'no_result') } };
  }
  const now = deps.clock.now();
  const outputs = outcome.outputs ?? {};
  const url = deployUrl(spec.stack?.url, held.stackName, outputs);
  const seconds = Math.max(0, (now.getTime() - (run.startedAt ?? run.stateSince).getTime()) / 1000);
  const recipe = await recipeOf(deps, run);
  const done = omitUndefined({ commit, runId: run.id, at: now, seconds, recipe, outputs, url });
  const stack = await noteDeploy(deps, run, () => ({ done }));
  if (stack === undefined) {
    const summary = `The hold of ${held.stackName} ended during the deployment, so it does not count.`;
    return { state: 'errored', outcome: { ...outcome, summary, errorCode: 'stack_token_stale' } };
  }
  await deps.store.holds.noteDeployment(stack, { commit, at: now });
  const summary = `Deployed ${commit.slice(0, 7)} to ${held.stackName}.`;
  return {
    state: 'succeeded',
    outcome: { ...outcome, summary },
    deployed: omitUndefined({ commit, url }),
  };
}

/** @returns undefined if the hold of the run, or its turn on the stack, has ended. */
async function noteDeploy(
  { store, clock }: StoreClockDeps,
  { id, projectId, held, spec }: Run,
  change: (known: StackDeploy) => StackDeploy,
): Promise<Stack | undefined> {
  const number = held === undefined ? undefined : stackNumberOf(held.stackName);
  if (held === undefined || number === undefined) throw new Error('a deployment without a stack');
  return changeStack(store.stacks, { projectId, number }, (stack) => {
    if (stack.hold === undefined || stack.token !== held.token) return undefined;
    // A late pass: the turn of the run is over, and the stack may have another deployment by now.
    if (!stack.activeRuns.includes(id)) return undefined;
    const known = stack.deploys?.[spec.suite] ?? {};
    const next = change(known);
    return next === known ? stack : deployNoted(stack, spec.suite, next, clock.now());
  });
}
