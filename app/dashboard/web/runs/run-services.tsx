import type { RunDetails } from '../lib/api.ts';
import { DescriptionItem } from '../ui/description-item.tsx';

/** Lists the services of a run, with links to their logs. */
export function RunServices({ run }: { run: RunDetails }) {
  return run.services.map((service) => (
    <DescriptionItem key={service.name} term={`Service ${service.name}`}>
      <span title={service.image}>{stateText(service)}</span>{' '}
      <a href={`/workflow/${encodeURIComponent(run.id)}/logs?${logQuery(service.name)}`}>Log</a>
    </DescriptionItem>
  ));
}

const states = { starting: 'Starting', ready: 'Ready', stopped: 'Stopped' } as const;

function stateText({
  state,
  exit_code: exitCode,
  out_of_memory: isOut,
}: RunDetails['services'][number]): string {
  if (isOut) return 'Out of memory';
  if (state === null) return 'Not started';
  return state === 'stopped' && exitCode !== null ? `Stopped, exit code ${exitCode}` : states[state];
}

function logQuery(service: string): string {
  return new URLSearchParams({ service, format: 'raw' }).toString();
}
