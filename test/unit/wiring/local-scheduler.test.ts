import { expect, it } from '@jest/globals';
import { localScheduler } from '../../../app/wiring/local-scheduler.ts';
import { eventually } from '../../helpers/eventually.ts';
import { silentLogger } from '../../helpers/silent-logger.ts';

it('repeats a sweep while another one hangs', async () => {
  let release = (): void => {};
  let sweeps = 0;
  const scheduler = localScheduler({
    advance: async () => undefined,
    sweeps: [
      () =>
        new Promise<void>((resolve) => {
          release = resolve;
        }),
      async () => {
        sweeps += 1;
      },
    ],
    sweepEveryMilliseconds: 1,
    log: silentLogger,
  });
  scheduler.start();
  await eventually('three sweeps', async () => sweeps >= 3);
  release();
  await scheduler.stop();
  const atStop = sweeps;
  await Promise.resolve();
  expect(sweeps).toBe(atStop);
});
