import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { numberText } from '../../../lib/format.ts';
import { api, type RunDetails } from '../lib/api.ts';
import { useNow } from '../lib/use-now.ts';
import { usePoll } from '../lib/use-poll.ts';
import { useTitle } from '../lib/use-title.ts';
import { sourceUrlFor } from '../log/linkify.ts';
import { LogView } from '../log/log-view.tsx';
import { SourceUrls } from '../log/source-urls.ts';
import { useLog } from '../log/use-log.ts';
import { DescriptionItem } from '../ui/description-item.tsx';
import { ErrorMessage } from '../ui/error-message.tsx';
import { Icon } from '../ui/icon.tsx';
import { PageError } from '../ui/not-found.tsx';
import { Sentences } from '../ui/sentences.tsx';
import { isActive, stateLabel } from '../ui/state-badge.tsx';
import { Artifacts } from './artifacts.tsx';
import { Cause } from './cause.tsx';
import { CommitSuites, useLatestRuns } from './commit-suites.tsx';
import { Comparison } from './comparison.tsx';
import { RunExtras } from './run-extras.tsx';
import { RunHeader } from './run-header.tsx';
import { Timeline } from './timeline.tsx';

/** The log's stream announces changes of the state immediately; everything else is polled. */
const intervalMs = 4000;

/** One run: why it failed, or its live log while it is active, and then the details. */
export function RunPage() {
  const { params } = useRoute();
  const id = params.id ?? '';
  return <RunPageOf key={id} id={id} />;
}

function RunPageOf({ id }: { id: string }) {
  const [finished, setFinished] = useState(false);
  const {
    value: run,
    error,
    refresh,
  } = usePoll(`run ${id}`, () => api.run(id), finished ? undefined : intervalMs);
  const active = run !== undefined && isActive(run);
  useEffect(() => setFinished(run !== undefined && !active), [run, active]);
  const comparison = usePoll(`comparison ${id} ${active}`, () => api.comparison(id), undefined);
  const latest = useLatestRuns(run);
  useTitle(run && `${stateLabel(run.state)}: ${run.branch}, ${run.suite}`);
  // Everything appears at the same time: sections that arrive one by one would move the others.
  const comparisonDone = active || (comparison.value ?? comparison.error) !== undefined;
  // A new state asks for new parts. Until they are there the page stays as it is, with its focus and its log.
  const shown = useRef<Pick<Parameters<typeof LoadedRun>[0], 'run' | 'latest' | 'comparison'>>();
  if (run !== undefined && comparisonDone && latest !== undefined)
    shown.current = { run, latest, comparison: comparison.value };
  if (shown.current === undefined) {
    return error === undefined ? (
      <div class="placeholder page" aria-busy="true" />
    ) : (
      <PageError error={error} what="Run" />
    );
  }
  return (
    <LoadedRun {...shown.current} refresh={refresh}>
      <ErrorMessage error={error} />
    </LoadedRun>
  );
}

function LoadedRun({
  run,
  refresh,
  latest,
  comparison,
  children,
}: {
  run: RunDetails;
  refresh: () => void;
  latest: NonNullable<ReturnType<typeof useLatestRuns>>;
  comparison: Parameters<typeof Comparison>[0]['comparison'];
  children: preact.ComponentChildren;
}) {
  const now = useNow();
  const log = useLog(run.id, refresh);
  const sourceUrl = useMemo(() => sourceUrlFor(run.links.commit), [run.links.commit]);
  const active = isActive(run);
  const succeeded = run.state === 'succeeded';
  const nothing = nothingOf(run);
  // The clock renders the page every second. What does not depend on it is the same object then, which Preact skips.
  const logView = useMemo(
    () => (
      <LogView
        key="log"
        id={run.id}
        log={log}
        opensAtError={!active && !succeeded}
        active={active}
        nothing={nothing}
        marksErrors={!succeeded}
      />
    ),
    [run.id, log, active, succeeded, nothing],
  );
  // Until the whole log is there, its lines are not the cause's.
  const wholeLog = log.complete ? log.document : undefined;
  const cause = useMemo(
    () =>
      active || succeeded ? null : <Cause run={run} latest={latest} comparison={comparison} log={wholeLog} />,
    [run, active, succeeded, latest, comparison, wholeLog],
  );
  return (
    <SourceUrls.Provider value={sourceUrl}>
      <RunHeader run={run} now={now} refresh={refresh} latest={latest} />
      {children}
      <CommitSuites id={run.id} latest={latest} />
      {active && logView}
      {cause}
      <Warnings run={run} />
      <RunExtras run={run} />
      {!active && <Comparison comparison={comparison} succeeded={succeeded} />}
      <Timeline run={run} now={now} />
      <Artifacts run={run} />
      <Configuration run={run} />
      {!active && logView}
    </SourceUrls.Provider>
  );
}

/** Why the log of a finished run is empty. */
function nothingOf({ started_at, log_tail }: RunDetails): string {
  if (started_at === null) return 'The run did not start, so it has no log.';
  return log_tail.length > 0 ? 'The log is no longer stored.' : 'The run printed nothing.';
}

function Warnings({ run: { warnings } }: { run: RunDetails }) {
  if (warnings.length === 0) return null;
  return (
    <section class="warnings" aria-label="Warnings">
      {warnings.map(({ message }) => (
        <p key={message}>
          <span class="warn">
            <Icon name="warning" />
          </span>{' '}
          <Sentences text={message} />
        </p>
      ))}
    </section>
  );
}

function Configuration({ run }: { run: RunDetails }) {
  return (
    <details class="card configuration">
      <summary>Command and configuration</summary>
      <dl class="facts">
        {run.executor !== null && <DescriptionItem term="Executor">{run.executor}</DescriptionItem>}
        {run.image !== null && <DescriptionItem term="Image">{run.image}</DescriptionItem>}
        <DescriptionItem term="vCPU">{run.cpu / 1024}</DescriptionItem>
        <DescriptionItem term="Memory">{numberText(run.memory)} MiB</DescriptionItem>
        <DescriptionItem term="Time limit">{numberText(run.timeout_seconds)} s</DescriptionItem>
        <DescriptionItem term="Attempt">{run.attempt}</DescriptionItem>
        <DescriptionItem term="Launches">{run.launches}</DescriptionItem>
        {run.exit_code !== null && <DescriptionItem term="Exit code">{run.exit_code}</DescriptionItem>}
        <DescriptionItem term="Run ID">
          <code>{run.id}</code>
        </DescriptionItem>
      </dl>
      {run.setup !== null && <Command term="Setup" text={run.setup} />}
      <Command term="Command" text={run.test_command} />
    </details>
  );
}

function Command({ term, text }: { term: string; text: string }) {
  return (
    <>
      <h3>{term}</h3>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard. */}
      <pre tabIndex={0}>{text}</pre>
    </>
  );
}
