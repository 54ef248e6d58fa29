import type { PastHold } from './api.ts';
import { duration, moment, shortSha } from './format.ts';
import { useNow } from './use-poll.ts';

/** Who had a stack, the latest first. */
export function HoldHistory({ holds, project }: { holds: readonly PastHold[] | undefined; project: string }) {
  const now = useNow();
  if (holds === undefined) return <div class="placeholder" aria-busy="true" />;
  if (holds.length === 0) return <p class="empty">Nobody is known to have had it.</p>;
  return (
    <table class="runs holds">
      <thead>
        <tr>
          <th scope="col">Holder</th>
          <th scope="col">Branch</th>
          <th scope="col">Deployed</th>
          <th scope="col" class="number">
            For
          </th>
          <th scope="col" class="number">
            Since
          </th>
        </tr>
      </thead>
      <tbody>
        {holds.map((hold) => (
          <tr key={hold.lockToken}>
            <td>
              <Holder hold={hold} project={project} />
              {hold.until === null && <span class="tag">now</span>}
            </td>
            <td>{hold.branch}</td>
            <td data-label="Deployed">
              {hold.deployments.length === 0
                ? '–'
                : hold.deployments.map(({ commit, at }) => (
                    <code key={at} title={moment(at)}>
                      {shortSha(commit)}{' '}
                    </code>
                  ))}
            </td>
            <td class="number" data-label="For">
              {duration((hold.until === null ? now : Date.parse(hold.until)) - Date.parse(hold.since))}
            </td>
            <td class="number" data-label="Since">
              <time dateTime={hold.since}>{moment(hold.since)}</time>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A run's page tells more than its id. */
function Holder({ hold, project }: { hold: PastHold; project: string }) {
  const run = /^run:(.+)$/.exec(hold.holder)?.[1];
  return run === undefined ? (
    hold.heldBy
  ) : (
    <a href={`/runs/${run}?project=${encodeURIComponent(project)}`}>a run</a>
  );
}
