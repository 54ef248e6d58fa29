import { expect, it } from '@jest/globals';
import { findRun } from '../../../app/core/branches/ensure-run.ts';
import { runId } from '../../../app/core/model/ids.ts';
import type { Run } from '../../../app/core/model/run.ts';
import { anEndedRun } from '../../helpers/a-run.ts';
import { fakeClock } from '../../helpers/memory-deps.ts';

const unmet = anEndedRun('errored', { errorCode: 'needed_suite_failed' });

/** @param pages the list of runs, page by page. */
async function find(pages: readonly (readonly Run[])[]) {
  const store = {
    runs: {
      get: async (id: string) => (id === 'first' ? unmet : undefined),
      list: async (_: unknown, __: unknown, { cursor = '0' }: { cursor?: string }) => {
        const next = Number(cursor) + 1;
        const items = pages[Number(cursor)] ?? [];
        return next < pages.length ? { items, cursor: String(next) } : { items };
      },
    },
  };
  // Only what this function reads of its arguments.
  const [deps, commit, wanted] = [
    { store, clock: fakeClock() },
    {
      branch: { epoch: 2, headSince: new Date(0) },
      idOf: async (_: string, generation: number) => runId(generation === 1 ? 'first' : 'second'),
    },
    { suite: 'unit' },
  ] as unknown as Parameters<typeof findRun>;
  return findRun(deps, commit, wanted);
}

it('runs a suite again whose needed suite has passed since', async () => {
  expect(await find([[]])).toEqual({ kind: 'missing', id: 'second' });
});

it('does not, if a person has repeated it, however many runs of other branches came later', async () => {
  const repeat = { ...unmet, id: runId('repeat'), retryOf: unmet.id, createdAt: new Date('2026-11-03') };
  expect(await find([[], [], [repeat]])).toEqual({ kind: 'there', run: unmet });
});
