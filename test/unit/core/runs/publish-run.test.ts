import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../../app/core/model/ids.ts';
import type { GithubTarget, Run } from '../../../../app/core/model/run.ts';
import { publishRun } from '../../../../app/core/runs/publish-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
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
  it('looks for a check run of a crashed process also after GitHub asked it to wait', async () => {
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

async function get(w: World): Promise<Run> {
  const run = await w.deps.store.runs.get(id);
  if (run === undefined) throw new Error('no run');
  return run;
}

/** A run that waits for its stack, without a pass over it: each test does those itself. */
async function aStartedRun(w: World): Promise<void> {
  const project = await w.project();
  const deps = { ...w.deps, enqueue: () => undefined };
  const sha = github.headSha;
  await startRun(deps, { project, id, spec: specOf({}), trigger: { kind: 'push' }, github, sha });
}
