import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Run } from '../model/run.ts';

export const timelineSteps = [
  'queued',
  'waiting',
  'provisioning',
  'cloning',
  'setup',
  'testing',
  'uploading',
] as const;
type TimelineStep = (typeof timelineSteps)[number];

/** A stretch of a run's life. */
export interface TimelineSpan {
  readonly step: TimelineStep;
  readonly from: Date;
  /** If omitted, the step is still running. */
  readonly to?: Date;
}

/** The words of the runner in the words of people: writing the report is a part of handing things over. */
const stepOfPhase = {
  fetch: 'cloning',
  setup: 'setup',
  test: 'testing',
  report: 'uploading',
  upload: 'uploading',
} as const satisfies Record<Run['phases'][number]['name'], TimelineStep>;

/**
 * Where a run's time went, in the order in which it went, without gaps: each step lasts until the next begins. A run
 * that the infrastructure made start over shows its last task.
 */
export function timelineOf(run: Run): readonly TimelineSpan[] {
  const starts: { step: TimelineStep; from: Date }[] = [{ step: 'queued', from: run.createdAt }];
  const begin = (step: TimelineStep, from: Date | undefined): void => {
    if (from !== undefined && starts.at(-1)?.step !== step) starts.push({ step, from });
  };
  begin('waiting', run.milestones?.waiting);
  begin('provisioning', run.milestones?.provisioning);
  for (const phase of run.phases) begin(stepOfPhase[phase.name], new Date(phase.startedAt));
  const end = run.finishedAt ?? endOfPhases(run);
  // The clocks of the runner's machine and of this one may differ: no step ends before it begins.
  return starts.map(({ step, from }, index) => {
    const to = starts[index + 1]?.from ?? end;
    return omitUndefined({ step, from, to: to === undefined ? undefined : to < from ? from : to });
  });
}

/** The end of the last phase, which may be known before the run's own end. */
function endOfPhases({ phases }: Run): Date | undefined {
  const last = phases.at(-1);
  return last?.name === 'upload' && last.finishedAt !== undefined ? new Date(last.finishedAt) : undefined;
}

/** How long a run waited for its stack, so far or in all; undefined where it did not wait. */
export function waitedMilliseconds(run: Run, now: Date): number | undefined {
  const since = run.milestones?.waiting;
  if (since === undefined) return undefined;
  const until = run.milestones?.provisioning ?? run.finishedAt ?? now;
  return Math.max(0, until.getTime() - since.getTime());
}
