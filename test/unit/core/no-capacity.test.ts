import { beforeEach, describe, expect, it } from '@jest/globals';
import { BerthError } from '../../../app/core/model/errors.ts';
import { runId } from '../../../app/core/model/ids.ts';
import { cancelRun } from '../../../app/core/runs/cancel-run.ts';
import { reconcileRun } from '../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../app/core/runs/start-run.ts';
import { sweep } from '../../../app/core/runs/sweep.ts';
import { specOf, type World, world } from '../../helpers/memory-deps.ts';

const id = runId('run1');

describe('a run without capacity for its task', () => {
  let room: boolean;
  let w: World;
  beforeEach(async () => {
    room = false;
    const calm = world();
    const { executor } = calm.tasks;
    const launch: typeof executor.launch = async (request) => {
      if (room) return executor.launch(request);
      throw new BerthError('no_capacity', 'AWS has no Fargate capacity.', {
        hint: 'Berth tried for 20 seconds.',
      });
    };
    w = { ...calm, deps: { ...calm.deps, executor: { ...executor, launch } } };
    await startRun(w.deps, { project: await w.project(), id, spec: specOf(), trigger: { kind: 'api' } });
    await reconcileRun(w.deps, id);
  });

  const pass = async (seconds: number) => {
    w.clock.advance(seconds);
    await sweep(w.deps);
    return w.deps.store.runs.get(id);
  };

  it('is retried, and runs with the same launch when there is capacity', async () => {
    expect(await pass(w.deps.policy.waitCheckSeconds)).toMatchObject({ state: 'provisioning', launches: 1 });
    room = true;
    expect(await pass(w.deps.policy.waitCheckSeconds)).toMatchObject({ task: { arn: w.tasks.arnOf(id) } });
    expect(w.tasks.launched).toHaveLength(1);
  });

  it('is errored with the reason if there is no capacity for a long time', async () => {
    expect(await pass(w.deps.policy.startLimitSeconds / 2)).toMatchObject({
      state: 'errored',
      outcome: { errorCode: 'no_capacity', summary: expect.stringContaining('AWS has no Fargate capacity.') },
    });
  });

  it('can be canceled while it waits', async () => {
    await cancelRun(w.deps, { id, reason: 'not wanted' });
    expect(await pass(1)).toMatchObject({ state: 'cancelled' });
  });
});
