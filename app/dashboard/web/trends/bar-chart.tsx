/** One bar of a chart. */
export interface ChartBar {
  /** The label of the bar, such as a week. */
  readonly label: string;
  readonly value: number;
  /** The value with its unit. */
  readonly text: string;
}

const width = 240;
const height = 64;
const gap = 2;
/** Something is never drawn as nothing. */
const minHeight = 2;

/**
 * A small bar chart, the newest on the right. Each bar says its value on hover; screen readers get the label.
 *
 * @param label all values in words.
 */
export function BarChart({ bars, label, tone }: { bars: readonly ChartBar[]; label: string; tone: string }) {
  const highest = Math.max(...bars.map(({ value }) => value), Number.MIN_VALUE);
  const step = width / Math.max(1, bars.length);
  return (
    <svg
      class={`bar-chart ${tone}`}
      role="img"
      aria-label={label}
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
    >
      {bars.map(({ label: name, value, text }, index) => {
        const high = value > 0 ? Math.max(minHeight, (value / highest) * (height - 4)) : 0;
        return (
          <g key={name}>
            <title>{`${name}: ${text}`}</title>
            <rect class="hit" x={index * step} y="0" width={step} height={height} />
            <rect class="bar" x={index * step + gap / 2} y={height - high} width={step - gap} height={high} />
          </g>
        );
      })}
    </svg>
  );
}
