import type { Ticket } from './api.ts';
import { ago } from './format.ts';
import { useNow } from './use-poll.ts';

/** Who waits, with their places in the project's line. */
export function WaitingLine({
  tickets,
  known,
  project,
}: {
  tickets: readonly Ticket[];
  known: boolean;
  project: string;
}) {
  const now = useNow();
  if (tickets.length === 0) {
    return <p class="quiet line-empty">{known ? 'Nobody waits.' : ' '}</p>;
  }
  return (
    <ol class="line" aria-label="Waiting line">
      {tickets.map((ticket) => (
        <li key={ticket.holder} value={ticket.position}>
          {ticket.workflowId === null ? (
            ticket.branch
          ) : (
            <a href={`/runs/${ticket.workflowId}?project=${encodeURIComponent(project)}`}>{ticket.branch}</a>
          )}{' '}
          <span class="quiet">
            {ticket.workflowId === null && `${ticket.heldBy}, `}asked {ago(ticket.asked, now)}
            {ticket.stackNumber !== null && `, for stack ${ticket.stackNumber} alone`}
          </span>
        </li>
      ))}
    </ol>
  );
}
