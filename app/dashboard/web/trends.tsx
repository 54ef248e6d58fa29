import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import type { RunSummary } from './api.ts';
import { duration, tookMilliseconds } from './format.ts';

/** How the last runs went, in four numbers and one picture. */
export function Trends({ runs }: { runs: readonly RunSummary[] }) {
  const ended = runs.filter((run) => run.state === 'succeeded' || run.state === 'failed');
  const times = ended.flatMap((run) => tookMilliseconds(run, 0) ?? []).sort((a, b) => a - b);
  const waits = runs.flatMap((run) =>
    run.started_at === null ? [] : Date.parse(run.started_at) - Date.parse(run.created_at),
  );
  const cost = runs.reduce((sum, run) => sum + (run.cost_usd ?? 0), 0);
  if (ended.length < 2) return null;
  const passed = ended.filter((run) => run.state === 'succeeded').length;
  return (
    <section aria-labelledby="trends" class="trends">
      <h2 id="trends">The last {runs.length} runs</h2>
      <dl>
        <Fact name="passed" value={`${Math.round((100 * passed) / ended.length)} %`} />
        <Fact name="median time" value={duration(quantile(times, 0.5))} />
        <Fact name="95th percentile" value={duration(quantile(times, 0.95))} />
        <Fact
          name="median wait"
          value={duration(
            quantile(
              waits.sort((a, b) => a - b),
              0.5,
            ),
          )}
        />
        {cost > 0 && <Fact name="estimated cost" value={`$${cost.toFixed(2)}`} />}
      </dl>
      <Durations runs={[...ended].reverse()} />
    </section>
  );
}

function Fact({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

export function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

function Durations({ runs }: { runs: readonly RunSummary[] }) {
  const box = useRef<HTMLDivElement>(null);
  const seconds = runs.map((run) => (tookMilliseconds(run, 0) ?? 0) / 1000);
  const key = runs.map((run) => run.workflow_id).join();
  useEffect(() => {
    if (box.current === null) return undefined;
    const colours = getComputedStyle(document.documentElement);
    const colour = (name: string): string => colours.getPropertyValue(name);
    const bars = (fill: string) => ({
      fill,
      width: 0,
      paths: uPlot.paths.bars?.({ size: [0.7, 24] }),
      points: { show: false },
    });
    const of = (state: string) => seconds.map((took, index) => (runs[index]?.state === state ? took : null));
    const plot = new uPlot(
      {
        width: box.current.clientWidth,
        height: 90,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false } },
        axes: [{ show: false }, { show: false }],
        // uPlot's own types allow undefined here where ours do not.
        series: [{}, bars(colour('--good')), bars(colour('--bad'))] as uPlot.Series[],
      },
      [seconds.map((_, index) => index), of('succeeded'), of('failed')],
      box.current,
    );
    const resize = new ResizeObserver(([entry]) =>
      plot.setSize({ width: entry?.contentRect.width ?? 300, height: 90 }),
    );
    resize.observe(box.current);
    return () => {
      resize.disconnect();
      plot.destroy();
    };
  }, [key]);
  return (
    <div
      ref={box}
      class="chart"
      role="img"
      aria-label="How long each of the last runs took, the oldest first"
    />
  );
}
