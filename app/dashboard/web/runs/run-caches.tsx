import { sizeText } from '../../../lib/format.ts';
import type { RunDetails } from '../lib/api.ts';
import { duration } from '../lib/format.ts';
import { DescriptionItem } from '../ui/description-item.tsx';

/** Lists the caches of a run: hits, sizes, and times. */
export function RunCaches({ run }: { run: RunDetails }) {
  const { cache_saved_seconds: saved } = run;
  return (
    <>
      {run.caches.map((cache) => (
        <DescriptionItem key={cache.name} term={`Cache ${cache.name}`}>
          <span title={cache.note ?? undefined}>{cacheText(cache)}</span>
        </DescriptionItem>
      ))}
      {saved !== null && <DescriptionItem term="Time saved">{duration(saved * 1000)}</DescriptionItem>}
    </>
  );
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
