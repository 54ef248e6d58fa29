import { isBuildFailure } from '../../../core/model/build-failure.ts';
import type { RunDetails } from '../lib/api.ts';

const checkout = 'The checkout failed';
/** The titles by error code, where it says more than that Berth could not run the tests. */
const titles: Readonly<Record<string, string>> = {
  deploy_failed: 'Not run: the deployment failed',
  needed_suite_failed: 'Not run: a suite that it needs did not pass',
  not_approved: 'Not run: a commit from a fork needs approval',
  budget_exceeded: 'Not run: the budget is used up',
  setup_failed: 'Setup failed',
  repository_not_found: checkout,
  branch_not_found: checkout,
  commit_not_found: checkout,
  authentication_refused: checkout,
  source_unreachable: checkout,
  source_refused: checkout,
  archive_invalid: checkout,
  submodules_failed: checkout,
  lfs_failed: checkout,
  image_not_found: 'The image was not found',
  out_of_memory: 'Out of memory',
  disk_full: 'The disk is full',
  storage_full: 'The disk is full',
  service_not_ready: 'A service did not become ready',
  task_not_started: 'The task did not start',
  no_capacity: 'The task did not start',
  interrupted: 'The task was interrupted',
};

/** Says in a few words why a run did not succeed. */
export function causeTitle({ state, failures, error_code: code, teardown_of, deploy }: RunDetails): string {
  if (code === 'settings_invalid') return `Mistakes in ${failures[0]?.file ?? 'the settings'}`;
  if (failures.length > 0) return isBuildFailure(failures) ? 'The build failed' : 'Failed tests';
  const title = code === null || state === 'cancelled' ? undefined : titles[code];
  if (title !== undefined) return title;
  switch (state) {
    case 'failed':
      if (teardown_of !== null) return 'The teardown failed';
      return deploy === null ? 'The test command failed' : 'The deployment failed';
    case 'timed_out':
      return 'Time limit exceeded';
    case 'cancelled':
      return 'Canceled';
    case 'skipped':
      return 'Skipped';
    default:
      return 'Berth could not run the tests';
  }
}
