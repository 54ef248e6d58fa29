import { timestamp } from '../../../lib/format.ts';
import type { RunSummary, Stack } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { Sentences } from '../ui/sentences.tsx';

/** Why a stack is dirty, before everything else on its page, and what happens next. */
export function DirtyCause({
  dirty: { reason, attempts, retryAt },
  runs,
}: {
  dirty: NonNullable<Stack['dirty']>;
  /** The runs on the stack, newest first. */
  runs: readonly RunSummary[];
}) {
  const teardown = runs.find(({ trigger, state }) => trigger.kind === 'teardown' && state !== 'succeeded');
  return (
    <section class="cause bad" aria-labelledby="cause">
      <h2 id="cause">The teardown failed</h2>
      <p class="summary">
        <Sentences text={reason} /> {attempts > 1 && `${counted(attempts, 'attempt')}. `}
        {retryAt === null
          ? 'No branch gets the stack until a teardown succeeds or you mark it as clean.'
          : `Next attempt at ${timestamp(retryAt)}.`}
      </p>
      {teardown !== undefined && (
        <p class="summary">
          <a href={`/runs/${teardown.id}`}>Show the log of the teardown</a>
        </p>
      )}
    </section>
  );
}
