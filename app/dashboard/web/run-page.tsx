import { useState } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso';
import { ApiError, api, type RunDetails } from './api.ts';
import { Failures } from './failures.tsx';
import { bytes, duration, moment, shortSha, tookMilliseconds } from './format.ts';
import { LogView } from './log-view.tsx';
import { Problem } from './problem.tsx';
import { happened } from './run-list.tsx';
import { activeStates, StateBadge } from './state-badge.tsx';
import { Timeline } from './timeline.tsx';
import { useNow, usePoll } from './use-poll.ts';

/** One run: what happened, what failed first, and the log as it comes. */
export function RunPage() {
  const { params } = useRoute();
  const id = params.id ?? '';
  const [ended, setEnded] = useState('');
  // A run that has ended changes no more.
  const run = usePoll(`run ${id}`, () => api.run(id), ended === id ? undefined : 1500);
  const now = useNow();
  if (run.value === undefined) return <Problem error={run.error} />;
  const active = activeStates.includes(run.value.state);
  if (!active && ended !== id) setEnded(id);
  return (
    <>
      <Heading run={run.value} now={now} active={active} refresh={() => setEnded('')} />
      <Problem error={run.error} />
      <Timeline run={run.value} now={now} />
      <Failures run={run.value} />
      <Findings run={run.value} />
      <LogView key={id} id={id} />
    </>
  );
}

function Heading({
  run,
  now,
  active,
  refresh,
}: {
  run: RunDetails;
  now: number;
  active: boolean;
  refresh: () => void;
}) {
  const took = tookMilliseconds(run, now);
  return (
    <section class="heading">
      <h1>
        <StateBadge state={run.state} /> {run.branch} <span class="quiet">{run.suite}</span>
      </h1>
      <p class="happened">{happened(run)}</p>
      <dl class="facts">
        <Fact name="Commit">
          {run.links.commit === null ? (
            <code>{shortSha(run.sha)}</code>
          ) : (
            <a href={run.links.commit}>{shortSha(run.sha)}</a>
          )}
        </Fact>
        <Fact name="Command">
          <code>{run.test_command}</code>
        </Fact>
        {run.stack_name !== null && (
          <Fact name="Stack">
            <a href={`/berths/${encodeURIComponent(run.stack_name)}`}>{run.stack_name}</a>
          </Fact>
        )}
        {took !== undefined && <Fact name="Took">{duration(took)}</Fact>}
        <Fact name="Started">{moment(run.created_at)}</Fact>
        <Fact name="By">{run.trigger.actor ?? run.trigger.kind}</Fact>
        {run.cost_usd !== null && <Fact name="Estimated cost">${run.cost_usd.toFixed(4)}</Fact>}
        {run.error_code !== null && (
          <Fact name="Code">
            <code>{run.error_code}</code>
          </Fact>
        )}
      </dl>
      <Actions run={run} active={active} refresh={refresh} />
    </section>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Actions({ run, active, refresh }: { run: RunDetails; active: boolean; refresh: () => void }) {
  const { route } = useLocation();
  const [error, setError] = useState<ApiError>();
  const act = (work: Promise<void>): void => {
    work.then(
      () => setError(undefined),
      (failure: unknown) => setError(failure instanceof ApiError ? failure : undefined),
    );
  };
  const path = `/workflow/${run.workflow_id}`;
  return (
    <p class="actions">
      {active ? (
        <button type="button" onClick={() => act(api.cancel(run.workflow_id).then(refresh))}>
          Cancel
        </button>
      ) : (
        <button
          type="button"
          class="primary"
          onClick={() =>
            act(api.retest(run.workflow_id).then((again) => route(`/runs/${again.workflow_id}`)))
          }
        >
          Retest
        </button>
      )}
      {run.report_url !== null && (
        <a href={`${path}/report`} target="_blank" rel="noreferrer">
          Report
        </a>
      )}
      {run.links.console !== null && <a href={run.links.console}>CloudWatch</a>}
      {run.retry_of !== null && <a href={`/runs/${run.retry_of}`}>The run before</a>}
      {run.retried_by !== null && <a href={`/runs/${run.retried_by}`}>The run after</a>}
      <Problem error={error} />
    </p>
  );
}

function Findings({ run }: { run: RunDetails }) {
  if (run.warnings.length === 0 && run.artifacts.length === 0) return null;
  return (
    <section class="findings">
      {run.warnings.map((warning) => (
        <p key={warning.message} class="quiet">
          ⚠ {warning.message}
        </p>
      ))}
      {run.artifacts.length > 0 && (
        <details>
          <summary>{run.artifacts.length} artifacts</summary>
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
