import { duration } from './format.ts';

const barWidth = 5;
const height = 24;

/** How a test went, a bar a run, the newest on the right: as high as it took long, with the colour of its outcome. */
export function OutcomeStrip({
  outcomes,
  seconds,
}: {
  outcomes: readonly string[];
  seconds: readonly number[];
}) {
  const longest = Math.max(0.001, ...seconds);
  const failed = outcomes.filter((outcome) => outcome === 'failed').length;
  const label = `${outcomes.length} runs, ${failed} failed, at most ${duration(longest * 1000)}, the last ${outcomes.at(-1) ?? 'none'}`;
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
