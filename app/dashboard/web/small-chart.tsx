import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';

/** One run, or month, of a chart: how high it is, and the colour that says how it went. */
export interface ChartBar {
  readonly value: number;
  readonly tone: 'good' | 'bad' | 'busy' | 'calm';
}

const height = 56;
/** Of the chart's height: one or two pixels. */
const leastShare = 0.03;
const tones = ['good', 'bad', 'busy', 'calm'] as const;

/**
 * A small chart, the newest on the right: bars, or a line through them.
 *
 * @param label what it shows, in words and numbers, for those who do not see it.
 */
export function SmallChart({
  bars,
  label,
  line = false,
}: {
  bars: readonly ChartBar[];
  label: string;
  line?: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const key = JSON.stringify(bars);
  useEffect(() => {
    if (box.current === null || bars.length === 0) return undefined;
    const draw = (): uPlot | undefined => (box.current === null ? undefined : plot(box.current, bars, line));
    let chart = draw();
    const resize = new ResizeObserver(([entry]) =>
      chart?.setSize({ width: entry?.contentRect.width ?? 200, height }),
    );
    resize.observe(box.current);
    // A canvas does not know of the page's colours: it is drawn anew where they change.
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const again = (): void => {
      chart?.destroy();
      chart = draw();
    };
    scheme.addEventListener('change', again);
    return () => {
      scheme.removeEventListener('change', again);
      resize.disconnect();
      chart?.destroy();
    };
    // The bars are new objects at every look; what they say is in the key.
  }, [key, line]);
  return <div ref={box} class="chart" role="img" aria-label={label} title={label} />;
}

function plot(box: HTMLElement, bars: readonly ChartBar[], line: boolean): uPlot {
  const shown = line ? (['busy'] as const) : tones.filter((tone) => bars.some((bar) => bar.tone === tone));
  const series = shown.map((tone): uPlot.Series => {
    const colour = colourOf(box, tone);
    if (line) return { stroke: colour, width: 2, points: { show: false } };
    // uPlot's own types allow undefined here where ours do not.
    return {
      fill: colour,
      width: 0,
      paths: uPlot.paths.bars?.({ size: [0.75, 14] }),
      points: { show: false },
    } as uPlot.Series;
  });
  const least = leastShare * Math.max(...bars.map(({ value }) => value));
  // What is something is seen, beside whatever it stands.
  const heightOf = ({ value }: ChartBar): number => (value > 0 && !line ? Math.max(value, least) : value);
  return new uPlot(
    {
      width: box.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      padding: [4, 0, 0, 0],
      scales: {
        // Room for half a bar at both ends.
        x: { time: false, range: (_, from, to) => [from - 0.6, to + 0.6] },
        y: { range: (_, __, to) => [0, line ? 1.02 : Math.max(to, 1e-9)] },
      },
      axes: [{ show: false }, { show: false }],
      series: [{}, ...series],
    },
    [
      bars.map((_, index) => index),
      ...shown.map((tone) => bars.map((bar) => (line || bar.tone === tone ? heightOf(bar) : null))),
    ],
    box,
  );
}

/** A colour of the style sheet, as a canvas understands it. */
function colourOf(box: HTMLElement, tone: string): string {
  const probe = document.createElement('span');
  probe.className = tone;
  box.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
