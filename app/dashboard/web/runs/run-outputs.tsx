import type { RunDetails } from '../lib/api.ts';
import { DescriptionItem } from '../ui/description-item.tsx';

/** Where the deployed stack can be seen, and what the commands wrote to `BERTH_OUTPUT`. */
export function RunOutputs({ run }: { run: RunDetails }) {
  return (
    <>
      {run.url !== null && (
        <DescriptionItem term="URL">
          <Output value={run.url} />
        </DescriptionItem>
      )}
      {Object.entries(run.outputs).map(([name, value]) => (
        <DescriptionItem key={name} term={name}>
          <Output value={value} />
        </DescriptionItem>
      ))}
    </>
  );
}

/** Commands write what they like: only an address of the web becomes a link. */
function Output({ value }: { value: string }) {
  if (!/^https?:\/\/\S+$/i.test(value)) return <code>{value}</code>;
  return (
    <a href={value} target="_blank" rel="noreferrer">
      {value}
    </a>
  );
}
