import { useMemo } from 'preact/hooks';
import { isBuildFailure } from '../../../core/model/build-failure.ts';
import type { RunComparison, RunDetails, RunSummary } from '../lib/api.ts';
import { createLogDocument, type LogDocument } from '../log/log-document.ts';
import { LogExcerpt } from '../log/log-excerpt.tsx';
import { Sentences } from '../ui/sentences.tsx';
import { stateLabel, stateTone } from '../ui/state-badge.tsx';
import { causeTitle } from './cause-title.ts';
import { FailedServices } from './failed-services.tsx';
import { FailedTests, Mistakes } from './failed-tests.tsx';
import { unsuccessfulRuns } from './latest-of-suites.ts';
import { summaryOf } from './summary-of.ts';

interface Props {
  readonly run: RunDetails;
  /** The latest run of each suite of the commit. */
  readonly latest: readonly RunSummary[];
  readonly comparison: RunComparison | undefined;
  /** The whole log; undefined until it is loaded. */
  readonly log: LogDocument | undefined;
}

/** Why a run did not succeed, before everything else on the page: its failed tests, or the end of its log. */
export function Cause({ run, latest, comparison, log }: Props) {
  const hasFailures = run.failures.length > 0;
  const isBuild = isBuildFailure(run.failures);
  const isMistakes = isBuild || run.error_code === 'settings_invalid';
  // Until the whole log is loaded its end explains enough.
  const tail = useMemo(() => {
    const document = createLogDocument();
    for (const text of run.log_tail) document.push({ text });
    return document;
  }, [run.log_tail]);
  const isWhole = log !== undefined && log.lines.length > 0;
  const document = isWhole ? log : tail;
  // Berth's own lines are the reason again.
  const hasOutput = document.lines.some(({ plain }) => !plain.startsWith('[berth] '));
  const showsLog = (!hasFailures || isBuild) && hasOutput;
  return (
    <section class={`cause ${stateTone(run.state)}`} aria-labelledby="cause">
      <h2 id="cause">{causeTitle(run)}</h2>
      {!hasFailures && (
        <p class="summary">
          <Sentences text={reasonOf(run)} />
          {run.cancelled?.by != null && ` By ${run.cancelled.by}.`}{' '}
          {run.error_code !== null && <code class="tag">{run.error_code}</code>}
        </p>
      )}
      <Blockers run={run} latest={latest} />
      {!hasFailures && <Command run={run} />}
      <FailedServices run={run} />
      {hasFailures && isMistakes && <Mistakes run={run} />}
      {hasFailures && !isMistakes && <FailedTests run={run} comparison={comparison} />}
      {showsLog && <LogExcerpt document={document} numbered={isWhole} />}
      {run.state === 'failed' && !hasFailures && !hasOutput && document.lines.length > 0 && (
        <p class="quiet">The command printed nothing.</p>
      )}
    </section>
  );
}

/** The title says that the command failed. */
function reasonOf(run: RunDetails): string {
  return summaryOf(run).replace(/\bThe command failed\. (?=.)/, '');
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
