import { describe, expect, it } from '@jest/globals';
import { transition } from '../../../../app/core/model/run-transitions.ts';
import { timelineOf, waitedMilliseconds } from '../../../../app/core/results/timeline.ts';
import { aRun } from '../../../helpers/a-run.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 2, 10, 0, seconds));
const iso = (seconds: number) => at(seconds).toISOString();
/** Steps with the seconds at which they begin and end. */
const spans = (run: Parameters<typeof timelineOf>[0]) =>
  timelineOf(run).map(({ step, from, to }) => [
    step,
    (from.getTime() - at(0).getTime()) / 1000,
    to === undefined ? undefined : (to.getTime() - at(0).getTime()) / 1000,
  ]);

describe('the timeline of a run', () => {
  it('has every step from creation to end, without gaps', () => {
    let run = aRun({ createdAt: at(0) });
    run = transition(run, 'waiting', at(2));
    run = transition(run, 'provisioning', at(12));
    run = transition(run, 'running', at(20), {
      phases: [
        { name: 'fetch', startedAt: iso(21), finishedAt: iso(24) },
        { name: 'setup', startedAt: iso(24), finishedAt: iso(30) },
        { name: 'test', startedAt: iso(30), finishedAt: iso(50) },
        { name: 'report', startedAt: iso(50), finishedAt: iso(51) },
        { name: 'upload', startedAt: iso(51), finishedAt: iso(53) },
      ],
    });
    run = transition(run, 'failed', at(54), { finishedAt: at(54) });
    expect(spans(run)).toEqual([
      ['queued', 0, 2],
      ['waiting', 2, 12],
      ['provisioning', 12, 21],
      ['cloning', 21, 24],
      ['setup', 24, 30],
      ['testing', 30, 50],
      ['uploading', 50, 54],
    ]);
  });

  it('leaves out steps that did not happen, and grows while the run is active', () => {
    expect(spans(aRun({ createdAt: at(0) }))).toEqual([['queued', 0, undefined]]);
    expect(spans(transition(aRun({ createdAt: at(0) }), 'provisioning', at(1)))).toEqual([
      ['queued', 0, 1],
      ['provisioning', 1, undefined],
    ]);
  });

  it('counts waiting from the start, however often the position changed', () => {
    const waiting = transition(transition(aRun({ createdAt: at(0) }), 'waiting', at(2)), 'waiting', at(9));
    expect(waitedMilliseconds(waiting, at(12))).toBe(10_000);
    expect(waitedMilliseconds(transition(waiting, 'provisioning', at(14)), at(99))).toBe(12_000);
    expect(waitedMilliseconds(aRun(), at(99))).toBeUndefined();
  });

  it('has no step that ends before it begins, even if clocks differ', () => {
    const run = transition(aRun({ createdAt: at(0) }), 'provisioning', at(10), {
      phases: [{ name: 'fetch', startedAt: iso(8) }],
    });
    expect(spans(run)[1]).toEqual(['provisioning', 10, 10]);
  });
});
