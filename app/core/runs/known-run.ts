import type { HolderRecord } from '../model/hold.ts';
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
