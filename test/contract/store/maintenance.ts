import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { Store } from '../../../app/ports/store.ts';
import { atOnce, minute } from './samples.ts';

/** The state of maintenance between two runs. */
export function maintenanceContract(store: () => Store): void {
  describe('a maintenance task', () => {
    it('goes to one of many parallel requests', async () => {
      const chore = randomUUID();
      const answers = await atOnce(10, () => store().maintenance.claim(chore, minute(1), minute(11)));
      expect(answers.filter((given) => given)).toHaveLength(1);
    });

    it('is due again after its interval, and not before', async () => {
      const chore = randomUUID();
      const ask = (at: number) => store().maintenance.claim(chore, minute(at), minute(at + 10));
      expect([await ask(1), await ask(10), await ask(11), await ask(12), await ask(21)]).toEqual([
        true,
        false,
        true,
        false,
        true,
      ]);
    });

    it('is due after the clock was set back by more than an interval', async () => {
      const chore = randomUUID();
      const ask = (at: number) => store().maintenance.claim(chore, minute(at), minute(at + 10));
      // Of another server, whose clock is behind.
      expect([await ask(1000), await ask(995), await ask(10), await ask(11)]).toEqual([
        true,
        false,
        true,
        false,
      ]);
    });
  });

  describe("the account's quota", () => {
    it('is the last recorded value, even if it is unknown', async () => {
      const { maintenance } = store();
      await maintenance.noteQuota({ cpuUnits: 6144, askAgainAt: minute(1) });
      expect(await maintenance.readQuota()).toEqual({ cpuUnits: 6144, askAgainAt: minute(1) });
      await maintenance.noteQuota({ askAgainAt: minute(7) });
      expect(await maintenance.readQuota()).toEqual({ askAgainAt: minute(7) });
    });
  });

  describe('the mark of an orphan', () => {
    it('keeps its first time after later marks', async () => {
      const arn = `arn:aws:ecs:eu-central-1:123456789012:task/berth/${randomUUID()}`;
      expect(await store().maintenance.markOrphan(arn, minute(1), minute(40))).toEqual(minute(1));
      const again = await atOnce(5, () => store().maintenance.markOrphan(arn, minute(12), minute(50)));
      expect(again).toEqual(Array.from({ length: 5 }, () => minute(1)));
    });

    it('starts again after it was lost', async () => {
      const arn = `process:${randomUUID()}-1`;
      await store().maintenance.markOrphan(arn, minute(1), minute(40));
      expect(await store().maintenance.markOrphan(arn, minute(40), minute(80))).toEqual(minute(40));
    });
  });
}
