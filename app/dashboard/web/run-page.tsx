import { useEffect, useState } from 'preact/hooks';
import { useRoute } from 'preact-iso';
import { api, type RunDetails } from './api.ts';
import { Comparison } from './comparison.tsx';
import { Failures } from './failures.tsx';
import { bytes } from './format.ts';
import { LogView } from './log-view.tsx';
import { PageProblem } from './missing.tsx';
import { Problem } from './problem.tsx';
import { RunHeading } from './run-heading.tsx';
import { activeStates, wordsOf } from './state-badge.tsx';
import { failedSuites, SuitesOfCommit, useLatestRuns } from './suites-of-commit.tsx';
import { Timeline } from './timeline.tsx';
import { useNow, usePoll } from './use-poll.ts';
import { useTitle } from './use-title.ts';

/** Between two looks at a run that goes on; what its log's stream tells of it is looked at at once. */
const lookEveryMilliseconds = 4000;

/** One run: what failed first, what that changes, where the time went, and the log as it comes. */
export function RunPage() {
  const { params } = useRoute();
  const id = params.id ?? '';
  const [ended, setEnded] = useState('');
  // A run that has ended changes no more.
  const run = usePoll(`run ${id}`, () => api.run(id), ended === id ? undefined : lookEveryMilliseconds);
  const active = run.value !== undefined && activeStates.includes(run.value.state);
  useEffect(() => {
    if (run.value !== undefined && !active) setEnded(id);
  }, [id, active, run.value]);
  const comparison = usePoll(`comparison ${id} ${active}`, () => api.comparison(id), undefined);
  const latest = useLatestRuns(run.value);
  const now = useNow();
  useTitle(run.value && `${wordsOf(run.value.state)}: ${run.value.branch}, ${run.value.suite}`);
  // The first picture is a whole one: what comes piece by piece would push the rest about.
  const isKnown = run.value !== undefined && (active || (comparison.value ?? comparison.error) !== undefined);
  if (run.value === undefined || !isKnown) {
    return run.error === undefined ? (
      <div class="placeholder page" aria-busy="true" />
    ) : (
      <PageProblem error={run.error} what="run" />
    );
  }
  return (
    <>
      <RunHeading
        run={run.value}
        now={now}
        active={active}
        refresh={run.refresh}
        failed={failedSuites(latest)}
      />
      <Problem error={run.error} />
      <SuitesOfCommit id={id} latest={latest} />
      <Failures run={run.value} comparison={comparison.value} />
      <Comparison comparison={comparison.value} error={comparison.error} />
      <Timeline run={run.value} now={now} />
      <Findings run={run.value} />
      <LogView key={id} id={id} onState={run.refresh} />
    </>
  );
}

function Findings({ run }: { run: RunDetails }) {
  if (run.warnings.length === 0 && run.artifacts.length === 0) return null;
  return (
    <section class="findings" aria-label="Warnings and artifacts">
      {run.warnings.map((warning) => (
        <p key={warning.message} class="quiet">
          ⚠ {warning.message}
        </p>
      ))}
      {run.artifacts.length > 0 && (
        <details>
          <summary>
            {run.artifacts.length} {run.artifacts.length === 1 ? 'artifact' : 'artifacts'}
          </summary>
          <p>
            <a href={`/workflow/${run.id}/artifacts.tar.gz`}>All of them as one archive</a>
          </p>
          <ul>
            {run.artifacts.map((artifact) => (
              <li key={artifact.path}>
                <a href={new URL(artifact.url).pathname}>{artifact.path}</a>{' '}
                <span class="quiet">{bytes(artifact.size_bytes)}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}
