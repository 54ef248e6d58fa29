import { timestamp } from '../../../lib/format.ts';
import type { PastHold } from '../lib/api.ts';
import { duration, shortSha } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Table } from '../ui/table.tsx';

/** The holders of a stack, newest first. */
export function HoldHistory({ holds, project }: { holds: readonly PastHold[] | undefined; project: string }) {
  const now = useNow();
  if (holds === undefined) return <div class="placeholder" aria-busy="true" />;
  if (holds.length === 0) return <p class="quiet">No holders recorded</p>;
  return (
    <Table kind="holds" texts={['Holder', 'Branch', 'Deployed']} numbers={['Held for', 'Since']}>
      {holds.map((hold) => (
        <tr key={hold.lockToken}>
          <td>
            <Holder hold={hold} project={project} />
            {hold.until === null && <span class="tag">Current</span>}
          </td>
          <td>{hold.branch}</td>
          <td data-label="Deployed">
            {hold.deployments.length === 0
              ? 'Nothing'
              : hold.deployments.map(({ commit, at }) => (
                  <code key={at} title={timestamp(at)}>
                    {shortSha(commit)}{' '}
                  </code>
                ))}
          </td>
          <td class="number" data-label="Held for">
            {duration((hold.until === null ? now : Date.parse(hold.until)) - Date.parse(hold.since))}
          </td>
          <td class="number" data-label="Since">
            <RelativeTime iso={hold.since} now={now} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The page of a run has more details than its ID. */
function Holder({ hold, project }: { hold: PastHold; project: string }) {
  const run = /^run:(.+)$/.exec(hold.holder)?.[1];
  return run === undefined ? (
    hold.heldBy
  ) : (
    <a href={`/runs/${run}?${new URLSearchParams({ project })}`}>Run on {hold.branch}</a>
  );
}
