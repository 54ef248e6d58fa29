import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holder, type RunId, runId } from '../../../../app/core/model/ids.ts';
import { outcomeWithoutResult } from '../../../../app/core/model/outcome.ts';
import type { Project } from '../../../../app/core/model/project.ts';
import { isTerminal } from '../../../../app/core/model/run-state.ts';
import { isReserved, type Stack } from '../../../../app/core/model/stack.ts';
import { cancelRun } from '../../../../app/core/runs/cancel-run.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { retestRun } from '../../../../app/core/runs/retest-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { sweep } from '../../../../app/core/runs/sweep.ts';
import { reclaimStack } from '../../../../app/core/stacks/reclaim-stack.ts';
import { recordDeploy } from '../../../../app/core/stacks/record-deploy.ts';
import { releaseHolder } from '../../../../app/core/stacks/release-stack.ts';
import { reserveStack, unreserveStack } from '../../../../app/core/stacks/reserve-stack.ts';
import { recipeOf } from '../../../../app/core/stacks/reuse-deploy.ts';
import type { Executor } from '../../../../app/ports/executor.ts';
import type { Store } from '../../../../app/ports/store.ts';
import { aRun } from '../../../helpers/a-run.ts';
import { cases } from '../../../helpers/cases.ts';
import { checkTasks } from '../../../helpers/check-tasks.ts';
import { hooked } from '../../../helpers/hooked.ts';
import { interleaved } from '../../../helpers/interleaved.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';
import { memoryStore } from '../../../helpers/memory-store.ts';
import { unlessRefused } from '../../../helpers/unless-refused.ts';

/**
 * Commits are deployed and tested by many processes at the same time, which die at any call to the store or to the
 * executor, in every order that fast-check thinks of. The test knows what is really on each stack: a deployment makes it
 * unknown when it starts, and its commit when it succeeds.
 */

/** The pushes, each with a branch, a commit, and the files that a deployment depends on. */
const pushes = [
  { branch: 'topic', sha: 'a'.repeat(40), tree: 1 },
  { branch: 'topic', sha: 'b'.repeat(40), tree: 1 },
  { branch: 'topic', sha: 'c'.repeat(40), tree: 2 },
  { branch: 'other', sha: 'd'.repeat(40), tree: 2 },
  { branch: 'other', sha: 'e'.repeat(40), tree: 3 },
] as const;
const treeOf = (sha: string | undefined) => pushes.find((push) => push.sha === sha)?.tree;

const ends = fc.constantFrom('succeeded', 'succeeded', 'succeeded', 'failed', 'lost', 'not yet');
const crashAt = fc.option(fc.integer({ min: 1, max: 16 }), { nil: undefined, freq: 3 });
const run = fc.nat(11);
const push = fc.nat(pushes.length - 1);
const action = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), push, crashAt }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('advance' as const),
      run,
      ends,
      crashAt,
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('advance all' as const), ends, crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cancel' as const), run, crashAt }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('retest' as const), run, key: fc.nat(2), crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const), push, crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reclaim' as const), crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reserve' as const), crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('unreserve' as const), crashAt }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('sweep' as const), crashAt }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), seconds: fc.constantFrom(6, 130) }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer One> ? One : never;

class Truth {
  readonly w: World;
  readonly project: Project;
  readonly runs = new Set<RunId>();
  /** The commit on each stack; undefined if a deployment has begun to change it. */
  readonly #commits = new Map<string, string | undefined>();
  readonly #ended = new Set<string>();
  readonly #reused = new Set<RunId>();
  #before: readonly Stack[] = [];

  constructor(w: World, project: Project) {
    this.w = w;
    this.project = project;
  }

  /** The executor, which lets deployments change the stacks. */
  executor(executor: Executor): Executor {
    const launch: Executor['launch'] = async (request) => {
      const status = await executor.launch(request);
      const one = await this.w.deps.store.runs.get(runId(request.runId));
      const isRunning = status.lastStatus !== 'STOPPED' && !this.#ended.has(status.arn);
      if (isRunning && one?.spec.deploy !== undefined) this.#commits.set(request.stackName ?? '', undefined);
      return status;
    };
    return { ...executor, launch };
  }

  /** The store of runs, which checks what a deployment reuses at the moment at which it does: it has its turn on the stack then. */
  checkingReuse(runs: Store['runs']): Store['runs'] {
    const save: typeof runs.save = async (one, now) => {
      const saved = await runs.save(one, now);
      const isNew = one.deployed?.reused !== undefined && !this.#reused.has(one.id);
      const real = this.#commits.get(one.held?.stackName ?? '');
      if (isNew && (real !== one.deployed?.commit || treeOf(real) !== treeOf(one.sha)))
        throw new Error(
          `${one.id} of ${one.sha} reuses ${one.deployed?.commit}, and ${real} is on the stack`,
        );
      if (isNew) this.#reused.add(one.id);
      return saved;
    };
    return { ...runs, save };
  }

  /** Ends the task of a run, if it is running. */
  async end(id: RunId, how: 'succeeded' | 'failed' | 'lost'): Promise<void> {
    const one = await this.w.deps.store.runs.get(id);
    if (one?.task === undefined || this.#ended.has(one.task.arn)) return;
    this.#ended.add(one.task.arn);
    if (how === 'lost') return this.w.tasks.lose(one.task.arn);
    writeResult(this.w, id, { outcome: how, exitCode: how === 'failed' ? 1 : 0 });
    this.w.tasks.set(one.task.arn, { lastStatus: 'STOPPED', exitCode: 0 });
    if (how === 'succeeded' && one.spec.deploy !== undefined)
      this.#commits.set(one.held?.stackName ?? '', one.sha);
  }

  async check(): Promise<void> {
    const { w, project } = this;
    await checkTasks(w, project);
    const pool = await w.deps.store.stacks.list(project.id);
    for (const stack of pool) this.#checkRecord(stack);
    for (const task of await w.deps.executor.listTasks()) {
      const one = await w.deps.store.runs.get(runId(task.runId));
      if (task.isStopped || one === undefined || one.held === undefined) continue;
      const stack = pool.find(({ stackName }) => stackName === one.held?.stackName);
      if (one.spec.deploy !== undefined && (stack?.activeRuns.length ?? 0) > 1)
        throw new Error(`${one.id} deploys to ${stack?.stackName} while others run there`);
      if (one.spec.deploys !== undefined && treeOf(this.#commits.get(one.held.stackName)) !== treeOf(one.sha))
        throw new Error(`${one.id} tests ${one.sha} on what ${this.#commits.get(one.held.stackName)} left`);
    }
    this.#checkReserved(pool);
    this.#before = pool;
  }

  /** Checks that what counts as deployed is on the stack. */
  #checkRecord({ stackName, deploys, lastDeployedCommit }: Stack): void {
    const { done, begun } = deploys?.deploy ?? {};
    if (done === undefined || begun !== undefined) return;
    const real = this.#commits.get(stackName);
    if (done.commit !== real || lastDeployedCommit !== real)
      throw new Error(`${stackName} counts as ${done.commit}, and is ${real}`);
  }

  #checkReserved(pool: readonly Stack[]): void {
    const now = this.w.clock.now();
    for (const before of this.#before) {
      const stack = pool.find(({ number }) => number === before.number);
      const isSame = +(stack?.reservation?.since ?? 0) === +(before.reservation?.since ?? 1);
      if (isSame && isReserved(before, now) && stack?.token !== before.token)
        throw new Error(`${before.stackName} was given away while reserved`);
    }
  }
}

async function start(w: World, truth: Truth, index: number): Promise<void> {
  const { branch, sha } = pushes[index] ?? pushes[0];
  const { project } = truth;
  const stack = { holder: holder.branch(branch), hold: 'branch' as const, shares: true };
  const deployId = runId(`deploy${index}`);
  const deploy = specOf({
    suite: 'deploy',
    branch,
    command: './deploy.sh',
    stack: { ...stack, shares: false },
    deploy: { paths: ['src/**'], cancelSuperseded: false },
  });
  const tests = specOf({ branch, stack, deploys: [{ suite: 'deploy', runId: deployId }] });
  const trigger = { kind: 'api' } as const;
  await startRun(w.deps, { project, id: deployId, spec: deploy, trigger, sha });
  await startRun(w.deps, { project, id: runId(`test${index}`), spec: tests, trigger, sha });
}

async function carryOut(w: World, truth: Truth, one: Action): Promise<unknown> {
  const { project } = truth;
  const idOf = (index: number) => [...truth.runs][index % Math.max(1, truth.runs.size)] ?? runId('none');
  switch (one.kind) {
    case 'push':
      return start(w, truth, one.push);
    case 'advance':
      if (one.ends !== 'not yet') await truth.end(idOf(one.run), one.ends);
      return reconcileRun(w.deps, idOf(one.run));
    case 'advance all':
      for (const id of [...truth.runs]) {
        if (one.ends !== 'not yet') await truth.end(id, one.ends);
        await reconcileRun(w.deps, id);
      }
      return;
    case 'cancel':
      return cancelRun(w.deps, { id: idOf(one.run), reason: 'No longer wanted.' });
    case 'retest': {
      const known = await w.deps.store.runs.get(idOf(one.run));
      const trigger = { kind: 'api' } as const;
      if (known === undefined) return;
      return unlessRefused(() =>
        retestRun(w.deps, { project, run: known, trigger, key: `again ${one.key}` }),
      );
    }
    case 'close':
      return releaseHolder(w.deps, project, holder.branch(pushes[one.push]?.branch ?? ''));
    case 'reclaim':
      return unlessRefused(() => reclaimStack(w.deps, { project, stackName: 'test-1', by: 'dana' }));
    case 'reserve':
      return unlessRefused(() =>
        reserveStack(w.deps, { project, stackName: 'test-1', by: 'dana', reason: 'demo', seconds: 100 }),
      );
    case 'unreserve':
      return unlessRefused(() => unreserveStack(w.deps, { project, stackName: 'test-1' }));
    case 'sweep':
      return sweep(w.deps);
    case 'pass':
      return w.clock.advance(one.seconds);
  }
}

type Play = Parameters<typeof interleaved<Action>>[2];

/** Plays actions, by many processes or one after another. Each call to the store or the executor may be the last. */
async function playAll(play: (carryOut: Play) => Promise<void>, maxStacks: number) {
  const backing = memoryStore();
  const known: { truth?: Truth } = {};
  const calm = world({
    store: backing,
    deps: {
      enqueue: (id) => void known.truth?.runs.add(id),
      differences: {
        between: async (_run, base, head) =>
          treeOf(base) === treeOf(head) ? ['README.md'] : ['src/a.ts', 'README.md'],
      },
    },
  });
  const truth = new Truth(calm, await calm.project({ maxStacks }));
  known.truth = truth;
  const real = truth.executor(calm.deps.executor);
  const runs = truth.checkingReuse(backing.runs);
  await start(calm, truth, 0);
  await play(async (one, before) => {
    const checked = async () => {
      await before();
      await truth.check();
    };
    const store = {
      ...backing,
      stacks: hooked(backing.stacks, checked),
      holders: hooked(backing.holders, checked),
      runs: hooked(runs, checked),
    };
    const executor = hooked(real, checked);
    await carryOut({ ...calm, deps: { ...calm.deps, store, executor } }, truth, one);
  });
  const w = { ...calm, deps: { ...calm.deps, store: { ...backing, runs }, executor: real } };
  await comeToRest(w, truth);
  const unsettled = await unsettledRuns(w, truth);
  const held = (await backing.stacks.list(truth.project.id)).filter(({ hold }) => hold);
  expect({ unsettled, held }).toEqual({ unsettled: [], held: [] });
}

const unsettledRuns = async (w: World, truth: Truth) => {
  const runs = await Promise.all([...truth.runs].map((id) => w.deps.store.runs.get(id)));
  return runs.filter((one) => one === undefined || !isTerminal(one.state) || !one.settledAt);
};

/** Every task succeeds and time passes; now and then the branches close, which keep the stacks that others wait for. */
async function comeToRest(w: World, truth: Truth): Promise<void> {
  const round = async () => {
    for (const id of truth.runs) {
      await truth.end(id, 'succeeded');
      await reconcileRun(w.deps, id);
      await truth.check();
    }
    w.clock.advance(10);
    await sweep(w.deps);
  };
  for (let closings = 0; closings < 12; closings += 1) {
    for (let rounds = 0; rounds < 30; rounds += 1) {
      await round();
      if (rounds % 5 === 0 && (await unsettledRuns(w, truth)).length === 0) break;
    }
    for (const { branch } of pushes) await releaseHolder(w.deps, truth.project, holder.branch(branch));
    await round();
  }
}

const maxStacks = fc.integer({ min: 1, max: 2 });

/** After another commit was deployed, or may have been, tests of the first commit or of an equal one are requested. */
const otherDeploys = (['succeeded', 'failed', 'lost'] as const).flatMap((how): [Action[], number][] => {
  const all = (ends: typeof how): Action[] =>
    Array.from({ length: 3 }, () => ({ kind: 'advance all', ends, crashAt: undefined }));
  const push = (index: number): Action => ({ kind: 'push', push: index, crashAt: undefined });
  const retest: Action = { kind: 'retest', run: 1, key: 0, crashAt: undefined };
  return [retest, push(1)].map((next) => [
    [...all('succeeded'), push(2), ...all(how), next, ...all('succeeded')],
    1,
  ]);
});

describe('a deployment is the only one on its stack, and counts only where it is what the stack has', () => {
  it('after any interleaving', async () => {
    const actions = fc.array(action, { minLength: 4, maxLength: 24 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), actions, maxStacks, (scheduler, all, most) =>
        playAll((play) => interleaved(scheduler, all, play), most),
      ),
      { numRuns: cases(30) },
    );
  });

  it('after any history', async () => {
    const actions = fc.array(action, { minLength: 10, maxLength: 80, size: 'max' });
    await fc.assert(
      fc.asyncProperty(fc.noShrink(actions), maxStacks, (all, most) =>
        playAll(async (play) => {
          for (const one of all) await inOneProcess(one, play);
        }, most),
      ),
      { numRuns: cases(30), examples: otherDeploys },
    );
  });
});

/** The process dies at the call that the action names. */
async function inOneProcess(one: Action, play: Play): Promise<void> {
  const crash = new Error('crash');
  let calls = 0;
  try {
    await play(one, async () => {
      calls += 1;
      if ('crashAt' in one && one.crashAt === calls) throw crash;
    });
  } catch (error) {
    if (error !== crash) throw error;
  }
}

it('a pass that comes late does not replace the record of a newer deployment', async () => {
  const w = world();
  const project = await w.project({ maxStacks: 1 });
  const begin = async (n: number, sha: string) => {
    const id = runId(`deploy${n}`);
    await startRun(w.deps, {
      project,
      id,
      sha,
      trigger: { kind: 'api' },
      spec: specOf({
        suite: 'deploy',
        deploy: { cancelSuperseded: false },
        stack: { holder: holder.branch('topic'), hold: 'branch', shares: false },
      }),
    });
    await w.settle();
    return id;
  };
  const end = (id: ReturnType<typeof runId>) => {
    writeResult(w, id);
    w.tasks.set(w.tasks.arnOf(id), { lastStatus: 'STOPPED', exitCode: 0 });
  };
  const a = 'a'.repeat(40);
  const b = 'b'.repeat(40);
  const one = await begin(1, a);
  end(one);
  let go = () => {};
  let reached = () => {};
  const gate = new Promise<void>((r) => {
    go = r;
  });
  const at = new Promise<void>((r) => {
    reached = r;
  });
  let first = true;
  const stacks = {
    ...w.deps.store.stacks,
    get: async (...args: Parameters<typeof w.deps.store.stacks.get>) => {
      if (first) {
        first = false;
        reached();
        await gate;
      }
      return w.deps.store.stacks.get(...args);
    },
  };
  const late = reconcileRun({ ...w.deps, store: { ...w.deps.store, stacks } }, one).catch((e) => e);
  await at;
  await reconcileRun(w.deps, one);
  await w.settle();
  const two = await begin(2, b);
  expect((await w.deps.store.runs.get(two))?.state).toBe('provisioning');
  go();
  await late;
  expect((await w.deps.store.stacks.get(project.id, 1))?.deploys?.deploy).toMatchObject({
    begun: { runId: two },
  });
});

it('a suite that has its turn already gives it up to a deployment that was started again', async () => {
  const w = world();
  const project = await w.project({ maxStacks: 1 });
  const stack = { holder: holder.branch('topic'), hold: 'branch' as const };
  const trigger = { kind: 'api' } as const;
  const sha = 'a'.repeat(40);
  const deploy = specOf({
    suite: 'deploy',
    deploy: { cancelSuperseded: false },
    stack: { ...stack, shares: false },
  });
  await startRun(w.deps, { project, id: runId('deploy'), sha, trigger, spec: deploy });
  await w.settle();
  writeResult(w, runId('deploy'));
  w.tasks.set(w.tasks.arnOf(runId('deploy')), { lastStatus: 'STOPPED', exitCode: 0 });
  await reconcileRun(w.deps, runId('deploy'));
  const unit = specOf({
    stack: { ...stack, shares: true },
    deploys: [{ suite: 'deploy', runId: runId('deploy') }],
  });
  await startRun(w.deps, { project, id: runId('unit'), sha, trigger, spec: unit });
  // The process dies between the turn and the save of the start.
  const save: typeof w.deps.store.runs.save = async (one, now) => {
    if (one.state === 'provisioning') throw new Error('crash');
    return w.deps.store.runs.save(one, now);
  };
  const store = { ...w.deps.store, runs: { ...w.deps.store.runs, save } };
  await expect(reconcileRun({ ...w.deps, store }, runId('unit'))).rejects.toThrow('crash');
  expect((await w.deps.store.stacks.get(project.id, 1))?.activeRuns).toEqual(['unit']);
  const run = await w.deps.store.runs.get(runId('deploy'));
  if (run === undefined) throw new Error('no deployment');
  const { run: again } = await retestRun(w.deps, { project, run, trigger, key: 'again' });
  await reconcileRun(w.deps, runId('unit'));
  await w.settle();
  await reconcileRun(w.deps, again.id);
  expect((await w.deps.store.runs.get(again.id))?.state).toBe('provisioning');
  expect((await w.deps.store.runs.get(runId('unit')))?.waiting).toMatchObject({ reason: 'deploy' });
});

describe('the record of a deployment', () => {
  async function deployed(change: (stack: Stack) => Stack) {
    const w = world();
    const project = await w.project({ maxStacks: 1 });
    const stack = { holder: holder.branch('topic'), hold: 'branch' as const, shares: false };
    const spec = specOf({ suite: 'deploy', deploy: { cancelSuperseded: false }, stack });
    const sha = 'a'.repeat(40);
    await startRun(w.deps, { project, id: runId('deploy'), sha, trigger: { kind: 'api' }, spec });
    await w.settle();
    const held = await w.deps.store.stacks.get(project.id, 1);
    if (held !== undefined) await w.deps.store.stacks.save(change(held), held);
    const run = await w.deps.store.runs.get(runId('deploy'));
    if (run === undefined) throw new Error('no deployment');
    const result = await recordDeploy(w.deps, run, outcomeWithoutResult(''));
    return { ...result, stack: await w.deps.store.stacks.get(project.id, 1) };
  }

  it('counts while its hold lasts', async () => {
    const { state, stack } = await deployed((held) => held);
    expect(state).toBe('succeeded');
    expect(stack?.deploys?.deploy?.done?.runId).toBe('deploy');
  });

  it.each([
    ['has another token', (held: Stack) => ({ ...held, token: held.token + 1 })],
    ['has no turn of this run', (held: Stack) => ({ ...held, activeRuns: [runId('other')] })],
    ['has ended', ({ hold: _, ...held }: Stack) => held],
  ])('does not count where the hold %s', async (_, change) => {
    const { state, outcome, stack } = await deployed(change);
    expect({ state, code: outcome.errorCode }).toEqual({ state: 'errored', code: 'stack_token_stale' });
    expect(stack?.deploys?.deploy?.done).toBeUndefined();
    expect(stack?.lastDeployedCommit).toBeUndefined();
  });

  it('has a recipe that the role is part of, and only if there is one', async () => {
    const { deps } = world();
    const recipe = (role?: string) =>
      recipeOf(deps, aRun({}, role === undefined ? { env: { A: '1' } } : { env: { A: '1' }, role }));
    // As deployments are stored that are older than the role.
    expect(await recipe()).toBe('5AEB7B23F9D86CBDC596180340');
    expect(new Set([await recipe(), await recipe('arn:one'), await recipe('arn:two')]).size).toBe(3);
  });
});
