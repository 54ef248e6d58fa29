import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Deps } from '../../../../app/core/deps.ts';
import { createTaskQuota } from '../../../../app/core/limits/task-quota.ts';
import { runId } from '../../../../app/core/model/ids.ts';
import { createMaintenance } from '../../../../app/core/runs/maintenance.ts';
import { reconcileRun } from '../../../../app/core/runs/reconcile-run.ts';
import { startRun } from '../../../../app/core/runs/start-run.ts';
import { embeddedPolicy } from '../../../../app/wiring/policies.ts';
import { specOf, type World, world, writeResult } from '../../../helpers/memory-deps.ts';

const hour = 3600;
const vcpu = 1024;

describe("the account's quota", () => {
  let w: World;
  let deps: Deps;
  let asked: number;
  /** The answer of AWS: a quota, a refusal, or no answer. */
  let quota: number | undefined | Error;
  const server = (): Deps => {
    const quotas = {
      taskCpuUnits: async () => {
        asked += 1;
        if (quota instanceof Error) throw quota;
        return quota;
      },
    };
    return { ...deps, taskQuota: createTaskQuota({ ...deps, quotas }) };
  };
  const setting = (maxTaskCpuUnits?: number): void => {
    w = world(
      maxTaskCpuUnits === undefined ? {} : { deps: { policy: { ...embeddedPolicy, maxTaskCpuUnits } } },
    );
    deps = w.deps;
  };
  beforeEach(() => {
    asked = 0;
    quota = 2 * vcpu;
    setting();
  });

  /** Starts so many runs of a vCPU each. @returns how many were launched. */
  async function launched(on: Deps, count: number): Promise<number> {
    const project = await w.project();
    for (let index = 1; index <= count; index += 1) {
      const id = runId(`run${index}`);
      await startRun(on, {
        project,
        id,
        spec: specOf({ cpuUnits: vcpu, memoryMib: 2048 }),
        trigger: { kind: 'api' },
      });
      await reconcileRun(on, id);
    }
    return w.tasks.launched.length;
  }

  it('limits launches if nothing is set, and the rest follows as tasks end', async () => {
    const on = server();
    await createMaintenance(on)();
    expect(await launched(on, 3)).toBe(2);
    expect(await on.store.runs.get(runId('run3'))).toMatchObject({
      state: 'queued',
      waiting: { reason: 'capacity', position: 1 },
    });
    writeResult(w, runId('run1'));
    w.tasks.set(w.tasks.arnOf(runId('run1')), { lastStatus: 'STOPPED', exitCode: 0 });
    await reconcileRun(on, runId('run1'));
    await reconcileRun(on, runId('run3'));
    expect(w.tasks.launched.map(({ runId: id }) => id)).toContain('run3');
  });

  it.each([
    ['the quota, where more is set', 10, 2],
    ['what is set, where the quota is larger', 1, 1],
  ])('and the setting: the smaller one counts: %s', async (_, vcpus, expected) => {
    setting(vcpus * vcpu);
    const on = server();
    await createMaintenance(on)();
    expect(await launched(on, 3)).toBe(expected);
  });

  it('limits nothing if Berth may not read it; only the setting counts', async () => {
    quota = undefined;
    const on = server();
    await createMaintenance(on)();
    expect(await launched(on, 3)).toBe(3);
  });

  it('is left to AWS if it is large and nothing is set', async () => {
    quota = 4000 * vcpu;
    const on = server();
    await createMaintenance(on)();
    expect(await launched(on, 3)).toBe(3);
    expect((await on.store.slots.read()).active).toEqual([]);
  });

  it('is known to a server that never queried AWS, and is read again from the store after ten minutes', async () => {
    const [schedule, queue] = [server(), server()];
    expect(await queue.taskQuota?.current()).toBeUndefined();
    await createMaintenance(schedule)();
    w.clock.advance(601);
    expect(await queue.taskQuota?.current()).toBe(2 * vcpu);
    expect(asked).toBe(1);
  });

  it('is queried every six hours, however often maintenance runs and on whichever server', async () => {
    const jobs = [createMaintenance(server()), createMaintenance(server())];
    for (let tenMinutes = 0; tenMinutes < 36; tenMinutes += 1) {
      for (const maintenance of jobs) await maintenance();
      w.clock.advance(600);
    }
    expect(asked).toBe(1);
    quota = 8 * vcpu;
    for (const maintenance of jobs) await maintenance();
    expect(asked).toBe(2);
    expect(await server().taskQuota?.current()).toBe(8 * vcpu);
  });

  it('stays unchanged if AWS does not respond, and is queried again in an hour', async () => {
    const on = server();
    await on.taskQuota?.refresh();
    quota = new Error('no route to Service Quotas');
    w.clock.advance(6 * hour);
    await on.taskQuota?.refresh();
    expect(await on.taskQuota?.current()).toBe(2 * vcpu);
    quota = 4 * vcpu;
    w.clock.advance(hour - 1);
    await on.taskQuota?.refresh();
    expect(asked).toBe(2);
    w.clock.advance(1);
    await on.taskQuota?.refresh();
    expect(await on.taskQuota?.current()).toBe(4 * vcpu);
  });
});
