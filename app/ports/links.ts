import type { RunId } from '../core/model/ids.ts';
import type { Run } from '../core/model/run.ts';

/** URLs for people. */
export interface Links {
  /** The run's page on the dashboard. */
  run(id: RunId): string;
  report(id: RunId): string;
  commit(run: Run): string | undefined;
  pullRequest(run: Run): string | undefined;
  checkRun(run: Run): string | undefined;
}
