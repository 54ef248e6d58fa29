import { useLocation } from 'preact-iso';
import { api, type RunDetails, type RunSummary } from '../lib/api.ts';
import { counted, dollars, duration, elapsedMilliseconds, repositoryName, shortSha } from '../lib/format.ts';
import { useAction } from '../lib/use-action.ts';
import { useCanWrite } from '../lib/use-can-write.ts';
import { DescriptionItem } from '../ui/description-item.tsx';
import { ErrorMessage } from '../ui/error-message.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { isActive, StateBadge } from '../ui/state-badge.tsx';
import { failedSuites } from './commit-suites.tsx';
import { RunCaches } from './run-caches.tsx';
import { RunOutputs } from './run-outputs.tsx';
import { RunServices } from './run-services.tsx';
import { summaryOf, triggerOf } from './summary-of.ts';

interface Props {
  readonly run: RunDetails;
  readonly now: number;
  readonly refresh: () => void;
  /** The latest run of each suite of the commit. */
  readonly latest: readonly RunSummary[] | undefined;
}

/** The state of a run, what it tested, and what can be done with it. */
export function RunHeader({ run, now, refresh, latest }: Props) {
  const project = new URLSearchParams({ project: run.project_id });
  const tests = run.tests;
  return (
    <header class="heading">
      <p class="crumbs">
        <a href={`/?${project}`}>Runs</a> <span aria-hidden="true">/</span>{' '}
        <a href={`/?${project}&${new URLSearchParams({ branch: run.branch })}`}>{run.branch}</a>
      </p>
      <h1>
        <StateBadge state={run.state} /> <span>{run.commit?.message ?? `${run.suite} on ${run.branch}`}</span>
      </h1>
      <p class="summary">
        {run.state === 'succeeded' || isActive(run) ? `${summaryOf(run)} ` : ''}
        {tests !== null && (
          <span class="totals">
            <span class={tests.failed > 0 ? 'bad' : 'quiet'}>{counted(tests.failed, 'test')} failed</span>,{' '}
            <span class="good">{tests.passed.toLocaleString('en')} passed</span>
            {tests.skipped > 0 && (
              <>
                , <span class="quiet">{tests.skipped.toLocaleString('en')} skipped</span>
              </>
            )}
            {(tests.flaky ?? 0) > 0 && `, ${(tests.flaky ?? 0).toLocaleString('en')} flaky`}
            {tests.earlier !== undefined && (
              <>
                , <span class="quiet">{tests.earlier.toLocaleString('en')} from the previous attempt</span>
              </>
            )}
          </span>
        )}
      </p>
      <Facts run={run} now={now} />
      <Actions run={run} refresh={refresh} latest={latest} />
    </header>
  );
}

function Facts({ run, now }: { run: RunDetails; now: number }) {
  const elapsed = elapsedMilliseconds(run, now);
  const { links, stack_name: stack } = run;
  return (
    <dl class="facts">
      <DescriptionItem term="Repository">{repositoryName(run.repo_url)}</DescriptionItem>
      <DescriptionItem term="Suite">{run.suite}</DescriptionItem>
      <DescriptionItem term="Commit">
        {run.sha !== null && (
          <Linked href={links.commit}>
            <code>{shortSha(run.sha)}</code>
          </Linked>
        )}
        {run.commit?.author != null ? ` by ${run.commit.author}` : run.sha === null && 'Not known yet'}
      </DescriptionItem>
      {run.pull_request !== null && (
        <DescriptionItem term="Pull request">
          <Linked href={links.pull_request}>#{run.pull_request}</Linked>
        </DescriptionItem>
      )}
      {stack !== null && (
        <DescriptionItem term="Stack">
          <a
            href={`/stacks/${encodeURIComponent(stack)}?${new URLSearchParams({ project: run.project_id })}`}
          >
            {stack}
          </a>
        </DescriptionItem>
      )}
      <RunOutputs run={run} />
      <RunCaches run={run} />
      <RunServices run={run} />
      <DescriptionItem term="Triggered by">{triggerOf(run)}</DescriptionItem>
      <DescriptionItem term="Created">
        <RelativeTime iso={run.created_at} now={now} />
      </DescriptionItem>
      <DescriptionItem term="Duration">
        {elapsed === undefined ? 'Not started' : duration(elapsed)}
      </DescriptionItem>
      {run.cost_usd !== null && (
        <DescriptionItem term="Estimated cost">{dollars(run.cost_usd)}</DescriptionItem>
      )}
    </dl>
  );
}

function Linked({ href, children }: { href: string | null; children: preact.ComponentChildren }) {
  return href === null ? children : <a href={href}>{children}</a>;
}

function Actions({ run, refresh, latest }: Omit<Props, 'now'>) {
  const canWrite = useCanWrite(run.project_id);
  const action = useAction();
  const blocked = canWrite === undefined || action.pending;
  return (
    <div class="actions">
      {canWrite === false ? null : isActive(run) ? (
        <button
          type="button"
          class="danger"
          disabled={blocked}
          onClick={() => action.run(() => api.cancel(run.id).then(refresh))}
        >
          Cancel run
        </button>
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
      <ErrorMessage error={action.error} />
    </div>
  );
}

/** Starts this run again, or every failed suite of the commit: the label says which ones. */
function Retest({
  run,
  refresh,
  latest,
  blocked,
  start,
}: Omit<Props, 'now'> & { blocked: boolean; start: (work: () => Promise<unknown>) => void }) {
  const { route } = useLocation();
  const failed = failedSuites(latest ?? []);
  const [only] = failed;
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
        <button
          type="button"
          class="primary"
          disabled={blocked}
          title={`Runs only the failed tests of ${run.suite} again, and keeps the other results`}
          onClick={() => retest(true)}
        >
          Retest {counted(run.tests?.failed ?? 0, 'failed test')}
        </button>
      )}
      <button
        type="button"
        class={hasFailedTests ? undefined : 'primary'}
        disabled={blocked}
        title={`Runs ${run.suite} again on commit ${shortSha(run.sha)}`}
        onClick={() => retest(false)}
      >
        Retest {run.suite}
      </button>
      {failed.length > 0 && !isThisRun && (
        <button
          type="button"
          disabled={blocked}
          title={`Runs the failed tests again on commit ${shortSha(run.sha)}: ${failed.join(', ')}`}
          onClick={() => start(retestFailed)}
        >
          {failed.length === 1 ? `Retest ${only}` : `Retest ${failed.length} failed suites`}
        </button>
      )}
    </>
  );
}
