import type { RunSummary } from './api.ts';
import { ago, duration, moment, shortSha, tookMilliseconds } from './format.ts';
import { StateBadge } from './state-badge.tsx';
import { useNow } from './use-poll.ts';

export function RunList({ runs, filtered }: { runs: readonly RunSummary[] | undefined; filtered: boolean }) {
  const now = useNow();
  if (runs === undefined) return <div class="placeholder runs" aria-busy="true" />;
  if (runs.length === 0) {
    return filtered ? (
      <p class="empty">No run is like this. Take a filter away.</p>
    ) : (
      <p class="empty">
        Nothing ran yet. Try <code>npx berth run</code> in a git checkout, or{' '}
        <code>POST /workflow/execute</code>.
      </p>
    );
  }
  return (
    <table class="runs">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Branch</th>
          <th scope="col">What happened</th>
          <th scope="col">Stack</th>
          <th scope="col" class="number">
            Took
          </th>
          <th scope="col" class="number">
            Started
          </th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Row key={run.id} run={run} now={now} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ run, now }: { run: RunSummary; now: number }) {
  const took = tookMilliseconds(run, now);
  return (
    <tr>
      <td>
        <StateBadge state={run.state} />
      </td>
      <td>
        <a href={`/runs/${run.id}`} class="main">
          {run.branch}
        </a>
        <span class="quiet">
          {run.suite} {run.sha !== null && <code>{shortSha(run.sha)}</code>}
        </span>
      </td>
      <td>
        {happened(run)}
        <span class="quiet">
          by {run.trigger.actor ?? run.trigger.kind}
          {run.retry_of !== null && ', a retest'}
        </span>
      </td>
      <td>{run.stack_name ?? ''}</td>
      <td class="number">{took === undefined ? '' : duration(took)}</td>
      <td class="number">
        <time dateTime={run.created_at} title={moment(run.created_at)}>
          {ago(run.created_at, now)}
        </time>
      </td>
    </tr>
  );
}

/** One sentence, whatever the state. */
export function happened(run: RunSummary): string {
  if (run.summary !== null && run.summary !== '') return run.summary;
  if (run.waiting?.reason === 'capacity')
    return `Waits for other runs to end, place ${run.waiting.position ?? '?'} in line.`;
  if (run.waiting !== null) {
    return run.waiting.reason === 'line'
      ? `Waits for a stack, place ${run.waiting.position ?? '?'} in line.`
      : `Waits for its turn on ${run.waiting.stack_name ?? 'its stack'}.`;
  }
  return run.state === 'running' ? 'The tests run.' : 'The task starts.';
}
