import { timestamp } from '../../../lib/format.ts';
import { ago } from '../lib/format.ts';

/** A relative time; hovering shows the absolute time with its time zone. */
export function RelativeTime({ iso, now }: { iso: string; now: number }) {
  return (
    <time dateTime={iso} title={timestamp(iso)}>
      {ago(iso, now)}
    </time>
  );
}
