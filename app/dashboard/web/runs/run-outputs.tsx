import type { RunDetails } from '../lib/api.ts';
import { DescriptionItem } from '../ui/description-item.tsx';
import { OutputValue } from '../ui/output-value.tsx';

/** Lists what the commands wrote to `BERTH_OUTPUT`. */
export function RunOutputs({ run }: { run: RunDetails }) {
  return Object.entries(run.outputs).map(([name, value]) => (
    <DescriptionItem key={name} term={name}>
      <OutputValue value={value} />
    </DescriptionItem>
  ));
}
