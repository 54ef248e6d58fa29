import type { FollowDeps } from './follow-run.ts';
import type { GithubReport } from './github-report.ts';
import type { StateWriter } from './step-state.ts';

/** The dependencies of a step that runs tests. */
export interface RunDeps extends FollowDeps {
  readonly state: StateWriter;
  readonly github: GithubReport;
}
