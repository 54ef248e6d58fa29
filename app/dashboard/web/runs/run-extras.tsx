import type { RunDetails } from '../lib/api.ts';
import { RunCaches } from './run-caches.tsx';
import { RunOutputs } from './run-outputs.tsx';
import { RunServices } from './run-services.tsx';

/** The outputs, services and caches of a run. */
export function RunExtras({ run }: { run: RunDetails }) {
  const hasOutputs = Object.keys(run.outputs).length > 0;
  if (!hasOutputs && run.services.length === 0 && run.caches.length === 0) return null;
  return (
    <section aria-label="Outputs, services and caches">
      <dl class="card facts extras">
        <RunOutputs run={run} />
        <RunServices run={run} />
        <RunCaches run={run} />
      </dl>
    </section>
  );
}
