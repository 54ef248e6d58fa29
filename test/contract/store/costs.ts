import { describe, expect, it } from '@jest/globals';
import { runId } from '../../../app/core/model/ids.ts';
import type { RunCost } from '../../../app/core/model/run-cost.ts';
import { monthAfter, monthOf } from '../../../app/lib/month.ts';
import type { Store } from '../../../app/ports/store.ts';
import { atOnce, minute, newProjectId } from './samples.ts';

/** The costs of runs. */
export function costsContract(store: () => Store): void {
  const month = monthOf(minute(0));
  const newCost = (change: Partial<RunCost> = {}): RunCost => ({
    projectId: newProjectId(),
    runId: runId('run-1'),
    month,
    costUsd: 0.000_123_456_789,
    ...change,
  });
  const ids = (costs: readonly RunCost[]) => costs.map((cost) => cost.runId).sort();

  describe('the cost of a run', () => {
    it('is read as recorded', async () => {
      const cost = newCost();
      await store().costs.record(cost);
      expect(await store().costs.ofMonth(cost.projectId, month)).toEqual([cost]);
    });

    it('may be unknown', async () => {
      const { costUsd: _, ...cost } = newCost();
      await store().costs.record(cost);
      expect(await store().costs.ofMonth(cost.projectId, month)).toEqual([cost]);
    });

    it('counts once, however often it is recorded', async () => {
      const cost = newCost();
      await atOnce(10, () => store().costs.record(cost));
      await store().costs.record(cost);
      expect(await store().costs.ofMonth(cost.projectId, month)).toEqual([cost]);
    });

    it('belongs to its month and its project', async () => {
      const { projectId } = newCost();
      const other = monthAfter(month, 1);
      await store().costs.record(newCost({ projectId, runId: runId('one') }));
      await store().costs.record(newCost({ projectId, runId: runId('two') }));
      await store().costs.record(newCost({ projectId, runId: runId('later'), month: other }));
      await store().costs.record(newCost());
      expect(ids(await store().costs.ofMonth(projectId, month))).toEqual(['one', 'two']);
      expect(ids(await store().costs.ofMonth(projectId, other))).toEqual(['later']);
      expect(await store().costs.ofMonth(projectId, monthAfter(month, 2))).toEqual([]);
    });
  });
}
