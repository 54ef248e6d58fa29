import type { RunSummary } from '../lib/api.ts';
import { duration, elapsedMilliseconds, repositoryName, shortSha } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Sentences } from '../ui/sentences.tsx';
import { StateBadge } from '../ui/state-badge.tsx';
import { Table } from '../ui/table.tsx';
import { summaryOf, triggerOf } from './summary-of.ts';

/**
 * A table of runs, newest first.
 *
 * @param empty what to show if there are none.
 * @param ofOneStack true if all runs used the same stack.
 */
export function RunList({
  runs,
  empty,
  ofOneStack = false,
}: {
  runs: readonly RunSummary[] | undefined;
  empty: preact.ComponentChildren;
  ofOneStack?: boolean;
}) {
  const now = useNow();
  if (runs === undefined) return <div class="placeholder runs" aria-busy="true" />;
  if (runs.length === 0) return empty;
  const texts = ['State', 'Run', 'Result', ...(ofOneStack ? [] : ['Stack'])];
  return (
    <Table kind="runs" texts={texts} numbers={['Duration', 'Created']}>
      {runs.map((run) => (
        <Row key={run.id} run={run} now={now} showsStack={!ofOneStack} />
      ))}
    </Table>
  );
}

function Row({ run, now, showsStack }: { run: RunSummary; now: number; showsStack: boolean }) {
  const elapsed = elapsedMilliseconds(run, now);
  const { commit } = run;
  const summary = summaryOf(run);
  const title = commit?.message ?? `${run.suite} on ${run.branch}`;
  return (
    <tr>
      <td class="state">
        <StateBadge state={run.state} />
      </td>
      <td class="what">
        <a href={`/runs/${run.id}`} class="title" title={title}>
          {title}
        </a>
        <span class="meta">
          <span>{repositoryName(run.repo_url)}</span>
          <span>{run.suite}</span>
          <span>{run.branch}</span>
          {run.sha !== null && <code>{shortSha(run.sha)}</code>}
          {run.pull_request !== null && <span>#{run.pull_request}</span>}
          {commit?.author != null && <span>{commit.author}</span>}
        </span>
      </td>
      <td class="result">
        <span class="clamped" title={summary}>
          <Sentences text={summary} />
        </span>
        <span class="meta">
          <span>{triggerOf(run)}</span>
          {run.retry_of !== null && <span>Retest</span>}
        </span>
      </td>
      {showsStack && (
        <td class="on-stack" data-label="Stack">
          {run.stack_name !== null && (
            <a
              href={`/stacks/${encodeURIComponent(run.stack_name)}?${new URLSearchParams({ project: run.project_id })}`}
            >
              {run.stack_name}
            </a>
          )}
        </td>
      )}
      <td class="number">{elapsed === undefined ? '' : duration(elapsed)}</td>
      <td class="number">
        <RelativeTime iso={run.created_at} now={now} />
      </td>
    </tr>
  );
}
