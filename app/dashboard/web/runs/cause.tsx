import { useMemo } from 'preact/hooks';
import { isBuildFailure } from '../../../core/model/build-failure.ts';
import { settingsPath } from '../../../core/settings/settings-path.ts';
import type { RunComparison, RunDetails, RunSummary } from '../lib/api.ts';
import { createLogDocument } from '../log/log-document.ts';
import { LogExcerpt } from '../log/log-excerpt.tsx';
import type { Log } from '../log/use-log.ts';
import { stateLabel, stateTone } from '../ui/state-badge.tsx';
import { FailedServices } from './failed-services.tsx';
import { FailedTests, Mistakes } from './failed-tests.tsx';
import { unsuccessfulRuns } from './latest-of-suites.ts';
import { summaryOf } from './summary-of.ts';

interface Props {
  readonly run: RunDetails;
  /** The latest run of each suite of the commit. */
  readonly latest: readonly RunSummary[];
  readonly comparison: RunComparison | undefined;
  readonly log: Log;
  readonly sourceUrl: ((path: string, line: string) => string) | undefined;
}

/** Why a run did not succeed, before everything else on the page: its failed tests, or the end of its log. */
export function Cause({ run, latest, comparison, log, sourceUrl }: Props) {
  const hasFailures = run.failures.length > 0;
  const isBuild = isBuildFailure(run.failures);
  const isMistakes = isBuild || run.error_code === 'settings_invalid';
  // Until the whole log is loaded its end explains enough.
  const tail = useMemo(() => {
    const document = createLogDocument();
    for (const text of run.log_tail) document.push({ text });
    return document;
  }, [run.log_tail]);
  const isWhole = log.complete && log.document.lines.length > 0;
  const document = isWhole ? log.document : tail;
  const showsLog = (!hasFailures || isBuild) && document.lines.length > 0;
  return (
    <section class={`cause ${stateTone(run.state)}`} aria-labelledby="cause">
      <h2 id="cause">{titleOf(run)}</h2>
      {!hasFailures && (
        <p class="summary">
          {summaryOf(run)}
          {run.cancelled?.by != null && ` By ${run.cancelled.by}.`}{' '}
          {run.error_code !== null && <code class="tag">{run.error_code}</code>}
        </p>
      )}
      <Blockers run={run} latest={latest} />
      {!hasFailures && <Command run={run} />}
      <FailedServices run={run} sourceUrl={sourceUrl} />
      {hasFailures && isMistakes && <Mistakes run={run} sourceUrl={sourceUrl} />}
      {hasFailures && !isMistakes && <FailedTests run={run} comparison={comparison} sourceUrl={sourceUrl} />}
      {showsLog && <LogExcerpt document={document} numbered={isWhole} sourceUrl={sourceUrl} />}
    </section>
  );
}

/** Links to the runs because of which this one did not start. */
function Blockers({ run, latest }: Pick<Props, 'run' | 'latest'>) {
  if (run.error_code !== 'deploy_failed' && run.error_code !== 'needed_suite_failed') return null;
  // The summary names their checks.
  const blockers = unsuccessfulRuns(latest).filter(({ suite }) =>
    [' ', ','].some((end) => run.summary?.includes(`berth/${suite}${end}`)),
  );
  return blockers.map(({ id, suite, state }) => (
    <p key={id} class="summary">
      <a href={`/runs/${id}`}>
        Show {suite} ({stateLabel(state).toLowerCase()})
      </a>
    </p>
  ));
}

/** The command that failed, in one line. */
function Command({ run }: { run: RunDetails }) {
  const isSetup = run.error_code === 'setup_failed';
  if (!isSetup && run.state !== 'failed' && run.state !== 'timed_out') return null;
  const command = isSetup ? run.setup : run.test_command;
  return command == null ? null : (
    <p class="command" title={command}>
      <code>$ {command}</code>
    </p>
  );
}

function titleOf({ state, failures, error_code, teardown_of, deploy }: RunDetails): string {
  if (error_code === 'settings_invalid') return `Mistakes in ${failures[0]?.file ?? settingsPath}`;
  if (error_code === 'deploy_failed') return 'Not run: the deployment failed';
  if (error_code === 'needed_suite_failed') return 'Not run: a suite that it needs did not pass';
  if (failures.length > 0) return isBuildFailure(failures) ? 'The build failed' : 'Failed tests';
  if (error_code === 'setup_failed') return 'Setup failed';
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
