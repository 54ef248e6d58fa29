import { useLocation } from 'preact-iso';
import { api, type RunDetails, type RunSummary } from '../lib/api.ts';
import { counted, shortSha } from '../lib/format.ts';
import { useAction } from '../lib/use-action.ts';
import { useCanWrite } from '../lib/use-can-write.ts';
import { useKeptFocus } from '../lib/use-kept-focus.ts';
import { ActionButton } from '../ui/action-button.tsx';
import { ErrorMessage } from '../ui/error-message.tsx';
import { isActive } from '../ui/state-badge.tsx';
import { unsuccessfulRuns } from './latest-of-suites.ts';

interface Props {
  readonly run: RunDetails;
  readonly refresh: () => void;
  /** The latest run of each suite of the commit. */
  readonly latest: readonly RunSummary[] | undefined;
}

/** The buttons and links of a run. */
export function RunActions({ run, refresh, latest }: Props) {
  const canWrite = useCanWrite(run.project_id);
  const action = useAction();
  const blocked = canWrite === undefined || action.pending;
  const box = useKeptFocus<HTMLDivElement>();
  return (
    <>
      <div ref={box} class="actions in-row">
        {canWrite === false ? null : isActive(run) ? (
          <ActionButton
            class="danger"
            blocked={blocked}
            onClick={() => action.run(() => api.cancel(run.id, 'Canceled on the dashboard.').then(refresh))}
          >
            Cancel run
          </ActionButton>
        ) : (
          <Retest run={run} refresh={refresh} latest={latest} blocked={blocked} start={action.run} />
        )}
        {run.report_url !== null && (
          <a href={`/workflow/${run.id}/report`} target="_blank" rel="noreferrer">
            Report
          </a>
        )}
        {run.links.check_run !== null && <a href={run.links.check_run}>GitHub check</a>}
        {run.links.console !== null && <a href={run.links.console}>CloudWatch</a>}
        {run.retry_of !== null && <a href={`/runs/${run.retry_of}`}>Previous attempt</a>}
        {run.retried_by !== null && <a href={`/runs/${run.retried_by}`}>Next attempt</a>}
      </div>
      <ErrorMessage error={action.error} />
    </>
  );
}

/** Starts this run again, or every failed suite of the commit: the label says which ones. */
function Retest({
  run,
  refresh,
  latest,
  blocked,
  start,
}: Props & { blocked: boolean; start: (work: () => Promise<unknown>) => void }) {
  const { route } = useLocation();
  const unsuccessful = unsuccessfulRuns(latest ?? []);
  const failed = unsuccessful.map(({ suite }) => suite);
  const [only] = failed;
  const kind = unsuccessful.some(({ state }) => state === 'cancelled') ? 'failed or canceled' : 'failed';
  const retestFailed = async (): Promise<void> => {
    const { workflows } = await api.retestFailed(run.id);
    const next = workflows.find(({ suite }) => suite === run.suite) ?? workflows[0];
    if (next === undefined) refresh();
    else route(`/runs/${next.workflow_id}`);
  };
  const isThisRun = failed.length === 1 && only === run.suite;
  const hasFailedTests = run.state === 'failed' && run.deploy === null && (run.tests?.failed ?? 0) > 0;
  const retest = (failedOnly: boolean) =>
    start(() => api.retest(run.id, failedOnly).then((next) => route(`/runs/${next.workflow_id}`)));
  return (
    <>
      {hasFailedTests && (
        <ActionButton
          class="primary"
          blocked={blocked}
          title={`Runs only the failed tests of ${run.suite} again, and keeps the other results`}
          onClick={() => retest(true)}
        >
          Retest {counted(run.tests?.failed ?? 0, 'failed test')}
        </ActionButton>
      )}
      <ActionButton
        class={hasFailedTests ? undefined : 'primary'}
        blocked={blocked}
        title={`Runs ${run.suite} again on commit ${shortSha(run.sha)}`}
        onClick={() => retest(false)}
      >
        Retest {run.suite}
      </ActionButton>
      {failed.length > 0 && !isThisRun && (
        <ActionButton
          blocked={blocked}
          title={`Runs the failed tests again on commit ${shortSha(run.sha)}: ${failed.join(', ')}`}
          onClick={() => start(retestFailed)}
        >
          {failed.length === 1 ? `Retest ${only}` : `Retest ${failed.length} ${kind} suites`}
        </ActionButton>
      )}
    </>
  );
}
