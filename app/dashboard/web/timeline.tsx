import type { RunDetails } from './api.ts';
import { duration } from './format.ts';

interface Span {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Where the time went: waiting, starting, and each phase of the runner. */
export function Timeline({ run, now }: { run: RunDetails; now: number }) {
  const spans = spansOf(run, now);
  const begin = Math.min(...spans.map((span) => span.from));
  const whole = Math.max(1, Math.max(...spans.map((span) => span.to)) - begin);
  return (
    <section aria-labelledby="timeline">
      <h2 id="timeline">Timeline</h2>
      <ol class="timeline">
        {spans.map((span) => (
          <li key={span.name}>
            <span class="name">{span.name}</span>
            <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
              <rect
                class={span.name}
                x={(100 * (span.from - begin)) / whole}
                width={Math.max(0.4, (100 * (span.to - span.from)) / whole)}
                height="1"
              />
            </svg>
            <span class="number">{duration(span.to - span.from)}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function spansOf(run: RunDetails, now: number): readonly Span[] {
  const at = (iso: string | null): number => (iso === null ? end : Date.parse(iso));
  const end = run.stopped_at === null ? now : Date.parse(run.stopped_at);
  const phases = run.phases.map((phase) => ({
    name: phase.name,
    from: at(phase.started_at),
    to: at(phase.finished_at),
  }));
  // Until the runner's first word: waiting for a stack, and the start of the task.
  const started = phases[0]?.from ?? end;
  return [{ name: 'start', from: Date.parse(run.created_at), to: started }, ...phases].filter(
    (span) => span.to >= span.from,
  );
}
