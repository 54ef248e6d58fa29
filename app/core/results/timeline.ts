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

export interface TimelineSpan {
  readonly step: TimelineStep;
  readonly from: Date;
  /** If omitted, the step is still running. */
  readonly to?: Date;
}

/** Labels for the phases of the runner. Writing the report counts as uploading. */
const stepOfPhase = {
  fetch: 'cloning',
  setup: 'setup',
  test: 'testing',
  report: 'uploading',
  upload: 'uploading',
} as const satisfies Record<Run['phases'][number]['name'], TimelineStep>;

/**
 * Returns the steps of a run in order, without gaps: each step lasts until the next begins. A run
 * that was launched again shows its last task.
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

/** How long a run waited for its stack, or has waited so far; undefined if it did not wait. */
export function waitedMilliseconds(run: Run, now: Date): number | undefined {
  const since = run.milestones?.waiting;
  if (since === undefined) return undefined;
  const until = run.milestones?.provisioning ?? run.finishedAt ?? now;
  return Math.max(0, until.getTime() - since.getTime());
}
