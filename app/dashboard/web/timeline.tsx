import type { RunDetails } from './api.ts';
import { duration } from './format.ts';

/** All of them are always shown, so that nothing moves while a run does. */
const steps = ['queued', 'waiting', 'provisioning', 'cloning', 'setup', 'testing', 'uploading'];

/** Where the time went: each step of a run as a bar at its place in time. */
export function Timeline({ run, now }: { run: RunDetails; now: number }) {
  const spans = run.timeline.map(({ step, started_at, finished_at }) => {
    const from = Date.parse(started_at);
    return { step, from, to: Math.max(from, finished_at === null ? now : Date.parse(finished_at)) };
  });
  const begin = Math.min(...spans.map((span) => span.from));
  const whole = Math.max(1, Math.max(...spans.map((span) => span.to)) - begin);
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol class="timeline">
        {steps
          .filter((step) => step !== 'setup' || run.setup !== null)
          .map((step) => {
            const span = spans.find((one) => one.step === step);
            return (
              <li key={step} class={span === undefined ? 'absent' : ''}>
                <span class="name">{step}</span>
                <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
                  {span !== undefined && (
                    <rect
                      class={step}
                      x={(100 * (span.from - begin)) / whole}
                      width={Math.max(0.4, (100 * (span.to - span.from)) / whole)}
                      height="1"
                    />
                  )}
                </svg>
                <span class="number">{span === undefined ? '–' : duration(span.to - span.from)}</span>
              </li>
            );
          })}
      </ol>
    </section>
  );
}
