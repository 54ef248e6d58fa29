import type { Store } from '../../ports/store.ts';
import type { RunId } from '../model/ids.ts';
import type { Run } from '../model/run.ts';
import type { KnownRun } from './known-run.ts';

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
