import type { Store } from '../../ports/store.ts';
import type { HolderRecord } from '../model/hold.ts';
import type { RunId } from '../model/ids.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import type { HeldKeys, TaskStatus } from '../model/task.ts';

/** Values that a reconcile of a run uses in place of reads. */
export interface Given {
  readonly known?: KnownRun | undefined;
  /** The state of the run's task in the event that is the reason for the reconcile. */
  readonly reported?: TaskStatus | undefined;
  /** Items to read together with the run. */
  readonly keys?: HeldKeys | undefined;
}

/**
 * The facts that the process which requests a reconcile of a run has just read or written, so that the reconcile need not
 * read them. They may be outdated by then, as after any read: the writes that follow are conditional on them.
 */
export interface KnownRun {
  readonly run: Run;
  readonly project: Project;
  /** The record of the run's holder, where that has no stack yet and is open: undefined if it has no record. */
  readonly holder?: { readonly record: HolderRecord | undefined };
}

/** The runs that were enqueued for one process, with what it knows about each. */
export type CollectedRuns = Map<RunId, KnownRun | undefined>;

export function collectRun(collected: CollectedRuns, id: RunId, known: KnownRun | undefined): void {
  // Enqueued again, it has changed.
  collected.set(id, collected.has(id) ? undefined : known);
}

/** A store that keeps what is known about collected runs up to date with the writes of this process. */
export function notingWrites(store: Store, current: () => CollectedRuns | undefined): Store {
  const note = (run: Run): void => {
    const collected = current();
    const known = collected?.get(run.id);
    if (known !== undefined) collected?.set(run.id, { ...known, run });
  };
  const save: Store['runs']['save'] = async (run, now) => {
    const saved = await store.runs.save(run, now);
    note(saved);
    return saved;
  };
  const noteStarted: Store['runs']['noteStarted'] = async (...parameters) => {
    const started = await store.runs.noteStarted(...parameters);
    if (started !== undefined) note(started);
    return started;
  };
  return { ...store, runs: { ...store.runs, save, noteStarted } };
}

/**
 * The result of one step of {@link reconcileRun}. The time of the next reconcile is the run's
 * `dueAt`.
 */
export interface ReconcileResult {
  /** Take the next step now. */
  readonly requeue: boolean;
  /** Show the change, then wait. */
  readonly isChanged?: true;
}

export const requeue: ReconcileResult = { requeue: true };
export const done: ReconcileResult = { requeue: false };
export const shown: ReconcileResult = { requeue: false, isChanged: true };
