import { counted, duration } from '../lib/format.ts';

const barWidth = 5;
const height = 24;

/** The last outcomes of a test, oldest first: the height of a bar is the duration, its color the outcome. */
export function OutcomeStrip({
  outcomes,
  seconds,
}: {
  outcomes: readonly string[];
  seconds: readonly number[];
}) {
  const longest = Math.max(0.001, ...seconds);
  const failed = outcomes.filter((outcome) => outcome === 'failed').length;
  const label = `${counted(outcomes.length, 'run')}, ${failed} failed, longest ${duration(longest * 1000)}, last ${outcomes.at(-1) ?? 'unknown'}`;
  return (
    <svg
      class="strip"
      role="img"
      aria-label={label}
      width={outcomes.length * barWidth}
      height={height}
      viewBox={`0 0 ${outcomes.length * barWidth} ${height}`}
    >
      {outcomes.map((outcome, index) => {
        const high = outcome === 'skipped' ? 3 : 5 + ((seconds[index] ?? 0) / longest) * (height - 5);
        return (
          // Runs never change places
          <rect
            key={index}
            class={outcome}
            x={index * barWidth}
            y={height - high}
            width={barWidth - 1}
            height={high}
          />
        );
      })}
    </svg>
  );
}
