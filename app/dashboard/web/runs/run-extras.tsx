import { sizeText } from '../../../lib/format.ts';
import type { RunDetails } from '../lib/api.ts';
import { duration } from '../lib/format.ts';
import { DescriptionItem } from '../ui/description-item.tsx';
import { OutputValue } from '../ui/output-value.tsx';

/** The outputs that the commands of a run wrote to `BERTH_OUTPUT`, its services with links to their logs, and its caches. */
export function RunExtras({ run }: { run: RunDetails }) {
  const { services, caches, cache_saved_seconds: saved } = run;
  const outputs = Object.entries(run.outputs);
  if (outputs.length + services.length + caches.length === 0) return null;
  return (
    <section aria-label="Outputs, services and caches">
      <dl class="card facts extras">
        {outputs.map(([name, value]) => (
          <DescriptionItem key={`output ${name}`} term={name}>
            <OutputValue value={value} />
          </DescriptionItem>
        ))}
        {services.map((service) => (
          <DescriptionItem key={`service ${service.name}`} term={`Service ${service.name}`}>
            <span title={service.image}>{serviceText(service)}</span>{' '}
            <a href={`/workflow/${encodeURIComponent(run.id)}/logs?${logQuery(service.name)}`}>Log</a>
          </DescriptionItem>
        ))}
        {caches.map((cache) => (
          <DescriptionItem key={`cache ${cache.name}`} term={`Cache ${cache.name}`}>
            <span title={cache.note ?? undefined}>{cacheText(cache)}</span>
          </DescriptionItem>
        ))}
        {saved !== null && <DescriptionItem term="Time saved">{duration(saved * 1000)}</DescriptionItem>}
      </dl>
    </section>
  );
}

const states = { starting: 'Starting', ready: 'Ready', stopped: 'Stopped' } as const;

function serviceText({
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

const outcomes = { hit: 'Hit', partial: 'Partial', miss: 'Miss', kept: 'Kept by the machine' } as const;

function cacheText(cache: RunDetails['caches'][number]): string {
  const { size_bytes: restored, restore_seconds: seconds, saved_bytes: saved } = cache;
  const parts = [
    outcomes[cache.outcome],
    restored === null
      ? []
      : `${sizeText(restored)} from ${cache.branch} in ${duration((seconds ?? 0) * 1000)}`,
    saved === null ? [] : `saved ${sizeText(saved)}`,
  ];
  return parts.flat().join(', ');
}
