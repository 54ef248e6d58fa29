import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { ProjectId, RunId } from '../model/ids.ts';
import type { Outcome } from '../model/outcome.ts';
import type { GithubTarget, Run, RunSpec, Trigger } from '../model/run.ts';

export interface NewRun {
  readonly projectId: ProjectId;
  readonly id: RunId;
  readonly spec: RunSpec;
  readonly trigger: Trigger;
  readonly sha?: string;
  readonly retryOf?: RunId;
  readonly failedOnly?: true;
  readonly attempt?: number;
  readonly github?: GithubTarget;
  /** The outcome of a run that is only recorded and shown, and never starts. */
  readonly ended?: { readonly state: 'skipped' | 'errored'; readonly outcome: Outcome };
}

export function newRun(wanted: NewRun, now: Date): Run {
  const { projectId, id, spec, trigger } = wanted;
  return omitUndefined({
    id,
    projectId,
    spec,
    trigger,
    state: wanted.ended?.state ?? 'queued',
    revision: 1,
    sha: wanted.sha,
    retryOf: wanted.retryOf,
    failedOnly: wanted.failedOnly,
    attempt: wanted.attempt ?? 1,
    github: wanted.github,
    createdAt: now,
    updatedAt: now,
    stateSince: now,
    ...(wanted.ended === undefined ? {} : { finishedAt: now, outcome: wanted.ended.outcome }),
    dueAt: now,
    launches: 0,
    phases: [],
  });
}

/** The part of the target that a new run copies: it gets a separate check run. */
export function unpublished(target: GithubTarget): GithubTarget {
  const { checkRunId: _, published: __, attempts: ___, retryAt: ____, ...kept } = target;
  const { claimedUntil: _____, replaced: ______, shown: _______, ...more } = kept;
  const { publishedAt: ________, deployment: _________, newComment: __________, ...rest } = more;
  return rest;
}
