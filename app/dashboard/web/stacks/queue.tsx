import type { Ticket } from '../lib/api.ts';
import { duration } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import { RelativeTime } from '../ui/relative-time.tsx';

/** The requests that wait for a stack, with their positions in the queue. */
export function Queue({ tickets, project }: { tickets: readonly Ticket[]; project: string }) {
  const now = useNow();
  if (tickets.length === 0) return <p class="quiet">Queue is empty</p>;
  return (
    <ol class="card queue" aria-label="Queue">
      {tickets.map((ticket) => (
        <li key={ticket.holder} value={ticket.position}>
          {ticket.workflowId === null ? (
            ticket.branch
          ) : (
            <a href={`/runs/${ticket.workflowId}?${new URLSearchParams({ project })}`}>{ticket.branch}</a>
          )}{' '}
          <span class="quiet">
            {ticket.workflowId === null && `${ticket.heldBy}, `}requested{' '}
            <RelativeTime iso={ticket.asked} now={now} />
            {/* 0 is an estimate that has passed. */}
            {(ticket.estimatedSeconds ?? 0) > 0 &&
              `, about ${duration((ticket.estimatedSeconds ?? 0) * 1000)} left`}
            {ticket.stackNumber !== null && `, only for stack ${ticket.stackNumber}`}
          </span>
        </li>
      ))}
    </ol>
  );
}
