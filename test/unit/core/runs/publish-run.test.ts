import { describe, expect, it } from '@jest/globals';
import { holder, runId } from '../../../../app/core/model/ids.ts';
import type { GithubTarget, Run } from '../../../../app/core/model/run.ts';
import { publishRun } from '../../../../app/core/runs/publish-run.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { requestStack } from '../../../../app/core/stacks/request-stack.ts';
import type { PublishResult } from '../../../../app/ports/checks.ts';
import { specOf, type World, world } from '../../../helpers/memory-deps.ts';

const id = runId('01RUN');
const github: GithubTarget = {
  repositoryId: 1,
  installationId: 7,
  owner: 'octo-org',
  repo: 'shop',
  headSha: 'a'.repeat(40),
};

/** GitHub, whose next answers a test chooses. */
function scriptedChecks(answers: ((target: GithubTarget) => PublishResult)[]) {
  const calls: boolean[] = [];
  return {
    calls,
    publish: async (_run: Run, target: GithubTarget, { mayExist = false } = {}): Promise<PublishResult> => {
      calls.push(mayExist);
      return answers.shift()?.(target) ?? { target: { ...target, checkRunId: 1, published: 'all' } };
    },
  };
}

describe('publishing a run', () => {
  it('looks for a check run of a crashed process even after GitHub asked it to wait', async () => {
    const at = (seconds: number) => new Date(w.clock.now().getTime() + seconds * 1000);
    const checks = scriptedChecks([(target) => ({ target, retryAt: at(30) })]);
    const w = world({ deps: { checks } });
    await aStartedRun(w);

    // The process created the check run, and died before it saved that.
    const claimed = { ...github, claimedUntil: at(20) };
    const run = await get(w);
    await w.deps.store.runs.save({ ...run, github: claimed }, w.clock.now());

    w.clock.advance(21);
    await publishRun(w.deps, await get(w));
    w.clock.advance(31);
    await publishRun(w.deps, await get(w));
    expect(checks.calls).toEqual([true, true]);
    expect((await get(w)).github).toMatchObject({ checkRunId: 1 });
  });

  it('concludes that check run though the branch stopped needing the run', async () => {
    const at = (seconds: number) => new Date(w.clock.now().getTime() + seconds * 1000);
    const checks = scriptedChecks([(target) => ({ target, retryAt: at(30) })]);
    const w = world({ deps: { checks } });
    await aStartedRun(w);
    const claimed = { ...github, claimedUntil: at(20) };
    await w.deps.store.runs.save({ ...(await get(w)), github: claimed }, w.clock.now());
    w.clock.advance(21);
    await publishRun(w.deps, await get(w));

    const cancel = { at: w.clock.now(), reason: 'A newer commit was pushed.' };
    await w.deps.store.runs.save({ ...(await get(w)), cancel }, w.clock.now());
    w.clock.advance(31);
    await w.deps.enqueue(id);
    await w.settle();
    expect((await get(w)).github).toMatchObject({ checkRunId: 1 });
    expect(checks.calls.slice(0, 2)).toEqual([true, true]);
  });
});

describe('the check run of a run that waits in a long queue', () => {
  it('is created after one request for the stack, though that takes longer than the claim, and its position moves', async () => {
    const checks = scriptedChecks([]);
    const w = world({ deps: { checks } });
    const project = await w.project({ maxStacks: 1 });
    const stack = { holder: holder.run(id), hold: 'run' as const, shares: false };
    await requestStack(w.deps, { project, holder: holder.client('other'), branch: 'dev', wait: false });
    const spec = specOf({ stack });
    await startRun(w.deps, { project, id, spec, trigger: { kind: 'api' }, github });
    const { queue } = w.deps.store;
    let joins = 0;
    const slow: typeof queue = {
      ...queue,
      join: (ticket) => {
        joins += 1;
        w.clock.advance(w.deps.policy.followUpSeconds);
        return queue.join(ticket);
      },
      count: async () => 100 - joins,
    };
    await reconcileRun({ ...w.deps, store: { ...w.deps.store, queue: slow } }, id);
    expect(joins).toBe(1);
    // Not looked for: no earlier call can have created it.
    expect(checks.calls).toEqual([false]);
    expect(await get(w)).toMatchObject({ state: 'waiting', github: { checkRunId: 1 } });
  });
});

describe('the check run of a run that starts', () => {
  it('is created between the two writes of its start, and stored by the second', async () => {
    const events: string[] = [];
    const checks = {
      publish: async (run: Run, target: GithubTarget): Promise<PublishResult> => {
        events.push(`shown as ${run.state}`);
        return { target: { ...target, checkRunId: 1, published: run.state } };
      },
    };
    const w = world({ deps: { checks } });
    await aStartedRun(w);
    const { runs } = w.deps.store;
    const save: typeof runs.save = async (run, now) => {
      events.push(`stored as ${run.state}${run.task === undefined ? '' : ' with its task'}`);
      return runs.save(run, now);
    };
    await reconcileRun({ ...w.deps, store: { ...w.deps.store, runs: { ...runs, save } } }, id);
    expect(events.slice(0, 3)).toEqual([
      'stored as provisioning',
      'shown as provisioning',
      'stored as provisioning with its task',
    ]);
    expect((await get(w)).github).toMatchObject({ checkRunId: 1, published: 'provisioning' });
  });

  it('shows the newest state, and is stored, though another process changed the run before it was', async () => {
    const shown: (string | undefined)[] = [];
    const cancel = { at: new Date(), reason: 'Not needed.', by: 'dana' };
    const checks = {
      publish: async (run: Run, target: GithubTarget): Promise<PublishResult> => {
        if (shown.length === 0) await w.deps.store.runs.save({ ...(await get(w)), cancel }, w.clock.now());
        shown.push(run.cancel?.by);
        return { target: { ...target, checkRunId: 1, published: 'all' } };
      },
    };
    const w = world({ deps: { checks } });
    await aStartedRun(w);
    await reconcileRun(w.deps, id);
    expect(shown.slice(0, 2)).toEqual([undefined, 'dana']);
    expect((await get(w)).github).toMatchObject({ checkRunId: 1 });
  });

  it('exists though the run cannot get its stack', async () => {
    const checks = scriptedChecks([]);
    const w = world({ deps: { checks } });
    const stack = { holder: holder.run(id), hold: 'run', shares: true } as const;
    await aStartedRun(w, { stack });
    const stacks = { ...w.deps.store.stacks, view: () => Promise.reject(new Error('unreadable')) };
    const broken = { ...w.deps, store: { ...w.deps.store, stacks } };
    await expect(reconcileRun(broken, id)).rejects.toThrow('unreadable');
    expect(checks.calls).toEqual([false]);
    expect((await get(w)).github).toMatchObject({ checkRunId: 1 });
  });
});

async function get(w: World): Promise<Run> {
  const run = await w.deps.store.runs.get(id);
  if (run === undefined) throw new Error('no run');
  return run;
}

/** A run that waits for its stack, without a pass over it: each test does those itself. */
async function aStartedRun(w: World, spec: Parameters<typeof specOf>[0] = {}): Promise<void> {
  const project = await w.project();
  const deps = { ...w.deps, enqueue: () => undefined };
  const sha = github.headSha;
  await startRun(deps, { project, id, spec: specOf(spec), trigger: { kind: 'push' }, github, sha });
}
