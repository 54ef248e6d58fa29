import { holder, type RunId, runId } from '../../app/core/model/ids.ts';
import { isTerminal } from '../../app/core/model/run-state.ts';
import { isReserved, type Stack } from '../../app/core/model/stack.ts';
import { reconcileRun } from '../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../app/core/runs/start-run.ts';
import { releaseHolder } from '../../app/core/stacks/release-stack.ts';
import { reserveStack, unreserveStack } from '../../app/core/stacks/reserve-stack.ts';
import { checkTasks } from '../helpers/check-tasks.ts';
import { hooked } from '../helpers/hooked.ts';
import { specOf, type World, world, writeResult } from '../helpers/memory-deps.ts';
import { memoryStore } from '../helpers/memory-store.ts';
import { unlessRefused } from '../helpers/unless-refused.ts';
import { comeToRest } from './come-to-rest.ts';
import { play, type Schedule, type Step } from './play.ts';

const [oldDeploy, oldTest, newDeploy, newTest] = ['old-deploy', 'old-test', 'new-deploy', 'new-test'].map(
  runId,
) as [RunId, RunId, RunId, RunId];
const ofBranch = holder.branch('topic');

/**
 * The protocol of deployments: a commit is on the stack of its branch, and its tests, the deployment of the next commit, a
 * reservation, and the end of the branch come at the same time.
 *
 * @returns the steps of the schedule.
 * @throws Error where tests run on another commit or during a deployment, where a reserved stack is given away, or anything is left
 *   at rest.
 */
export async function playDeploys(schedule: Schedule): Promise<readonly Step[]> {
  const unchecked = memoryStore();
  let check = async (): Promise<void> => {};
  const violations: unknown[] = [];
  // Checked at rest too, after each change of a run: the sweep catches errors.
  const save: typeof unchecked.runs.save = async (run, now) => {
    const saved = await unchecked.runs.save(run, now);
    await check().catch((error: unknown) => violations.push(error));
    return saved;
  };
  const backing = { ...unchecked, runs: { ...unchecked.runs, save } };
  const w = world({ store: backing });
  const project = await w.project({ maxStacks: 1 });
  const request = async (deployId: RunId, testId: RunId, sha: string) => {
    const stack = { holder: ofBranch, hold: 'branch' as const, shares: true };
    const deploy = {
      suite: 'deploy',
      stack: { ...stack, shares: false },
      deploy: { cancelSuperseded: false },
    };
    const tests = { stack, deploys: [{ suite: 'deploy', runId: deployId }] };
    const rest = { project, trigger: { kind: 'api' }, sha } as const;
    await startRun(w.deps, { ...rest, id: deployId, spec: specOf({ branch: 'topic', ...deploy }) });
    await startRun(w.deps, { ...rest, id: testId, spec: specOf({ branch: 'topic', ...tests }) });
  };
  await request(oldDeploy, oldTest, 'a'.repeat(40));
  await reconcileRun(w.deps, oldDeploy);
  writeResult(w, oldDeploy, { sha: 'a'.repeat(40) });
  w.tasks.set(w.tasks.arnOf(oldDeploy), { lastStatus: 'STOPPED', exitCode: 0 });
  await reconcileRun(w.deps, oldDeploy);
  await request(newDeploy, newTest, 'b'.repeat(40));
  const named = { project, stackName: 'test-1' };
  const reservation = { by: 'dana', reason: 'demo', seconds: 100 };
  await reserveStack(w.deps, { ...named, ...reservation });

  let before: Stack | undefined;
  check = async () => {
    await checkTasks(w, project);
    const stack = await backing.stacks.get(project.id, 1);
    const isSame = +(stack?.reservation?.since ?? 0) === +(before?.reservation?.since ?? 1);
    const isKept = stack?.token === before?.token && stack?.hold?.holder === before?.hold?.holder;
    if (before !== undefined && isSame && isReserved(before, w.clock.now()) && !isKept)
      throw new Error('the hold of a reserved stack ended');
    before = stack;
    await checkDeployed(w, stack);
  };
  const depsOf = (pause: () => Promise<void>) => {
    const checked = async (): Promise<void> => {
      await pause();
      await check();
    };
    const { stacks, holders, runs } = backing;
    const store = { ...backing, stacks: hooked(stacks, checked), holders: hooked(holders, checked) };
    return {
      ...w.deps,
      store: { ...store, runs: hooked(runs, checked) },
      executor: hooked(w.deps.executor, checked),
    };
  };
  const steps = await play(
    [
      (pause) => reconcileRun(depsOf(pause), oldTest),
      (pause) => reconcileRun(depsOf(pause), newDeploy),
      async (pause) => {
        await unlessRefused(() => unreserveStack(depsOf(pause), named));
        await unlessRefused(() => reserveStack(depsOf(pause), { ...named, ...reservation }));
      },
      (pause) => releaseHolder(depsOf(pause), project, ofBranch),
    ],
    schedule,
  );
  await comeToRest(w, 30);
  if (violations.length > 0) throw violations[0];
  await releaseHolder(w.deps, project, ofBranch);
  const runs = await Promise.all(
    [oldDeploy, oldTest, newDeploy, newTest].map((id) => w.deps.store.runs.get(id)),
  );
  const left = runs.filter((run) => run === undefined || !isTerminal(run.state));
  const stack = await w.deps.store.stacks.get(project.id, 1);
  if (left.length > 0 || stack?.hold !== undefined)
    throw new Error(`${left.map((run) => `${run?.id} is ${run?.state}`)}; held by ${stack?.hold?.holder}`);
  return steps;
}

/** Checks that no tests run on a stack with a different commit, or during a deployment. */
async function checkDeployed(w: World, stack: Stack | undefined): Promise<void> {
  const { done, begun } = stack?.deploys?.deploy ?? {};
  for (const { runId: id, isStopped } of await w.deps.executor.listTasks()) {
    const run = isStopped ? undefined : await w.deps.store.runs.get(runId(id));
    if (run?.spec.deploys === undefined) continue;
    if (begun !== undefined || done?.commit !== run.sha)
      throw new Error(
        `${id} tests ${run.sha} on ${begun === undefined ? done?.commit : 'an unknown commit'}`,
      );
  }
}
