import { useState } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { ApiError, api, type RunDetails } from './api.ts';
import { Fact } from './fact.tsx';
import { dollars, duration, moment, shortSha, tookMilliseconds } from './format.ts';
import { Problem } from './problem.tsx';
import { happened } from './run-list.tsx';
import { StateBadge } from './state-badge.tsx';
import { useMayAct } from './use-may-act.ts';

interface Props {
  readonly run: RunDetails;
  readonly now: number;
  readonly active: boolean;
  readonly refresh: () => void;
  /** Suites that "retest failed" runs again. */
  readonly failed: readonly string[];
}

/** What became of a run in one sentence, its facts in one line, and what can be done about it. */
export function RunHeading({ run, now, active, refresh, failed }: Props) {
  const took = tookMilliseconds(run, now);
  return (
    <section class="heading" aria-label="Summary">
      <h1>
        <StateBadge state={run.state} /> {run.branch} <span class="quiet">{run.suite}</span>
      </h1>
      <p class="happened">{happened(run)}</p>
      <dl class="facts">
        <Fact name="Commit">
          <Linked href={run.links.commit}>
            <code>{shortSha(run.sha) || 'not known yet'}</code>
          </Linked>
        </Fact>
        {run.pull_request !== null && (
          <Fact name="Pull request">
            <Linked href={run.links.pull_request}>#{run.pull_request}</Linked>
          </Fact>
        )}
        {run.stack_name !== null && (
          <Fact name="Stack">
            <a
              href={`/berths/${encodeURIComponent(run.stack_name)}?project=${encodeURIComponent(run.project_id)}`}
            >
              {run.stack_name}
            </a>
          </Fact>
        )}
        <Fact name={active && took !== undefined ? 'Runs for' : 'Took'}>
          {took === undefined ? 'not started' : duration(took)}
        </Fact>
        <Fact name="Asked for">{moment(run.created_at)}</Fact>
        <Fact name="By">{run.trigger.actor ?? run.trigger.kind}</Fact>
        {run.cost_usd !== null && <Fact name="Estimated cost">{dollars(run.cost_usd)}</Fact>}
        {run.error_code !== null && (
          <Fact name="Code">
            <code>{run.error_code}</code>
          </Fact>
        )}
      </dl>
      <details class="command">
        <summary>Command</summary>
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
        <pre tabIndex={0}>{run.test_command}</pre>
      </details>
      <Actions run={run} active={active} refresh={refresh} failed={failed} />
    </section>
  );
}

function Linked({ href, children }: { href: string | null; children: preact.ComponentChildren }) {
  return href === null ? children : <a href={href}>{children}</a>;
}

function Actions({ run, active, refresh, failed }: Omit<Props, 'now'>) {
  const { route } = useLocation();
  const mayAct = useMayAct(run.project_id);
  const [error, setError] = useState<ApiError>();
  const act = (work: Promise<unknown>): void => {
    work.then(
      () => setError(undefined),
      (failure: unknown) =>
        setError(
          failure instanceof ApiError
            ? failure
            : new ApiError(0, { message: 'The server cannot be reached.' }),
        ),
    );
  };
  const retestFailed = async (): Promise<void> => {
    const { workflows } = await api.retestFailed(run.id);
    const next = workflows.find(({ suite }) => suite === run.suite) ?? workflows[0];
    if (next === undefined) refresh();
    else route(`/runs/${next.workflow_id}`);
  };
  return (
    <div class="actions">
      {mayAct === false ? null : active ? (
        <button
          type="button"
          disabled={mayAct === undefined}
          onClick={() => act(api.cancel(run.id).then(refresh))}
        >
          Cancel
        </button>
      ) : (
        <>
          <button
            type="button"
            class="primary"
            disabled={mayAct === undefined}
            onClick={() => act(api.retest(run.id).then((again) => route(`/runs/${again.workflow_id}`)))}
          >
            Retest
          </button>
          <button
            type="button"
            disabled={failed.length === 0 || mayAct === undefined}
            title={failed.length === 0 ? 'No suite of this commit failed' : failed.join(', ')}
            onClick={() => act(retestFailed())}
          >
            Retest failed
          </button>
        </>
      )}
      {run.report_url !== null && (
        <a href={`/workflow/${run.id}/report`} target="_blank" rel="noreferrer">
          Report
        </a>
      )}
      {run.links.check_run !== null && <a href={run.links.check_run}>Check run</a>}
      {run.links.console !== null && <a href={run.links.console}>CloudWatch</a>}
      {run.retry_of !== null && <a href={`/runs/${run.retry_of}`}>The run before</a>}
      {run.retried_by !== null && <a href={`/runs/${run.retried_by}`}>The run after</a>}
      <Problem error={error} />
    </div>
  );
}
