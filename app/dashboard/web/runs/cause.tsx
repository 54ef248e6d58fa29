import { useMemo } from 'preact/hooks';
import { isBuildFailure } from '../../../core/model/build-failure.ts';
import type { RunComparison, RunDetails } from '../lib/api.ts';
import { createLogDocument } from '../log/log-document.ts';
import { LogExcerpt } from '../log/log-excerpt.tsx';
import type { Log } from '../log/use-log.ts';
import { stateTone } from '../ui/state-badge.tsx';
import { BuildErrors, FailedTests } from './failed-tests.tsx';
import { summaryOf } from './summary-of.ts';

interface Props {
  readonly run: RunDetails;
  readonly comparison: RunComparison | undefined;
  readonly log: Log;
  readonly sourceUrl: ((path: string, line: string) => string) | undefined;
}

/** Why a run did not succeed, before everything else on the page: its failed tests, or the end of its log. */
export function Cause({ run, comparison, log, sourceUrl }: Props) {
  const hasFailures = run.failures.length > 0;
  const isBuild = isBuildFailure(run.failures);
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
      {isBuild && <BuildErrors run={run} sourceUrl={sourceUrl} />}
      {hasFailures && !isBuild && <FailedTests run={run} comparison={comparison} sourceUrl={sourceUrl} />}
      {showsLog && <LogExcerpt document={document} numbered={isWhole} sourceUrl={sourceUrl} />}
    </section>
  );
}

function titleOf({ state, failures, error_code, teardown_of, deploy }: RunDetails): string {
  if (failures.length > 0) return isBuildFailure(failures) ? 'The build failed' : 'Failed tests';
  if (error_code === 'setup_failed') return 'Setup failed';
  switch (state) {
    case 'failed':
      if (teardown_of !== null) return 'The teardown failed';
      return deploy === null ? 'The test command failed' : 'The deployment failed';
    case 'timed_out':
      return 'Time limit exceeded';
    case 'cancelled':
      return 'Cancelled';
    case 'skipped':
      return 'Skipped';
    default:
      return 'Berth could not run the tests';
  }
}
