import type { RunDetails } from '../lib/api.ts';
import { duration } from '../lib/format.ts';

const labels: Readonly<Record<string, string>> = {
  queued: 'Queued',
  waiting: 'Waiting for a stack',
  provisioning: 'Starting',
  cloning: 'Checkout',
  setup: 'Setup',
  testing: 'Tests',
  uploading: 'Upload',
};

/** A step that took less than this share of the run is still drawn so wide. */
const minShare = 0.006;

/** Where the time went: one bar, divided by the steps of the run. */
export function Timeline({ run, now }: { run: RunDetails; now: number }) {
  const steps = run.timeline.map(({ step, started_at, finished_at }) => {
    const from = Date.parse(started_at);
    const to = finished_at === null ? now : Date.parse(finished_at);
    return { step, milliseconds: Math.max(0, to - from) };
  });
  const total = Math.max(
    1,
    steps.reduce((sum, { milliseconds }) => sum + milliseconds, 0),
  );
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <div class="timeline-bar" aria-hidden="true">
        {steps.map(({ step, milliseconds }) => (
          <span
            key={step}
            class={`step ${step}`}
            style={{ flexGrow: Math.max(minShare, milliseconds / total) }}
          />
        ))}
      </div>
      <ol class="timeline">
        {steps.map(({ step, milliseconds }) => (
          <li key={step}>
            <span class={`key ${step}`} aria-hidden="true" />
            <span class="name">{labels[step] ?? step}</span>{' '}
            <span class="number">{duration(milliseconds)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
