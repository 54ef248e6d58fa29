import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { BerthProcess } from '../../helpers/crashing-berth.ts';
import { concluded, freeStack, openPullRequest, play } from '../../helpers/scene.ts';

async function dead(berth: BerthProcess): Promise<void> {
  const notReached = setTimeout(240_000, 'the point was not reached', { ref: false });
  expect(await Promise.race([berth.ended, notReached])).toBe('SIGKILL');
}
describe('killed with -9 between the event and the final check run, and started again, Berth', () => {
  it.concurrent.each([
    'before store.deliveries.record',
    'after store.deliveries.record',
    'after store.projects.create 2',
    'before store.runs.create:queued',
    'after store.runs.create:queued',
    'after store.holders.save',
    'after store.stacks.save:in-use',
    'before store.runs.save:provisioning',
    'after store.runs.save:provisioning',
    'before checks.publish:provisioning',
    'after checks.publish:provisioning',
    'after sources.resolve:provisioning',
    'after objects.put',
    'before executor.launch',
    'after executor.launch',
    'after store.runs.save:provisioning 2',
    'after events.publish',
    'after checks.publish:succeeded',
    'after store.runs.save:succeeded',
    'after store.runs.save:settled',
    'after store.stacks.save:held',
    'after objects.delete',
    'before executor.remove',
    'after executor.remove',
    'before store.deliveries.done',
    'after store.deliveries.done',
  ])('makes the same of it: %s', (crash) =>
    play(async (scene) => {
      scene.arm();
      const doomed = await scene.start({ CRASH_AT: crash });
      await openPullRequest(scene);
      await dead(doomed);

      await scene.start();
      await concluded(scene);
      expect(scene.executions('tests')).toBe('once\n');
      expect(scene.repository.checkRuns).toMatchObject([{ name: 'berth/unit', conclusion: 'success' }]);
      expect(await scene.ask('/workflow')).toMatchObject({ workflows: [{ state: 'succeeded' }] });
      expect(await scene.ask('/listStacks')).toMatchObject({
        stacks: [{ stackName: 'test-1', isAvailable: false, branch: 'topic', holder: 'branch:topic' }],
      });
    }),
  );
});

describe('killed with -9 while the tests run, and started again, Berth', () => {
  it.concurrent.each(['after store.runs.save:running', 'after checks.publish:running'])(
    'finds them again: %s',
    (crash) =>
      play(
        async (scene) => {
          scene.arm();
          const doomed = await scene.start({ CRASH_AT: crash });
          await openPullRequest(scene);
          await dead(doomed);

          await scene.start();
          scene.letTestsEnd();
          await concluded(scene);
          expect(scene.executions('tests')).toBe('once\n');
          expect(scene.repository.checkRuns).toMatchObject([{ name: 'berth/unit', conclusion: 'success' }]);
        },
        { endless: true },
      ),
  );
});

describe('killed with -9 while a pull request is closed, and started again, Berth', () => {
  it.concurrent.each([
    'after store.holders.save',
    'before store.stacks.save:free',
    'after store.stacks.save:free',
    'before store.deliveries.done',
  ])('has given the stack back: %s', (crash) =>
    play(async (scene) => {
      const doomed = await scene.start({ CRASH_AT: crash });
      const pull = await openPullRequest(scene);
      await concluded(scene);
      scene.arm();
      await scene.github.people.changePullRequest(scene.repository, pull, 'closed');
      await dead(doomed);

      await scene.start();
      await freeStack(scene);
      expect(scene.executions('tests')).toBe('once\n');
    }),
  );
});

describe('killed with -9 while a stack is torn down, and started again, Berth', () => {
  it.concurrent.each([
    'after store.holders.save 2',
    'before store.stacks.save:held',
    'after store.stacks.save:held',
    'before store.runs.create:queued',
    'after store.runs.create:queued',
    'after store.stacks.save:in-use',
    'before executor.launch',
    'after executor.launch',
    'before executor.remove',
    'before store.stacks.save:free',
    'after store.stacks.save:free',
  ])('has torn it down once, and then given it back: %s', (crash) =>
    play(
      async (scene) => {
        const doomed = await scene.start({ CRASH_AT: crash });
        const pull = await openPullRequest(scene);
        await concluded(scene);
        scene.arm();
        await scene.github.people.changePullRequest(scene.repository, pull, 'closed');
        await dead(doomed);

        await scene.start();
        await concluded(scene, 'berth/unit teardown');
        await freeStack(scene);
        expect(scene.executions('teardowns')).toBe('once\n');
        expect(scene.repository.checkRuns).toMatchObject([
          { name: 'berth/unit', conclusion: 'success' },
          { name: 'berth/unit teardown', conclusion: 'success' },
        ]);
      },
      { teardown: true },
    ),
  );
});
