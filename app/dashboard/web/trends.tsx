import type { ProjectCosts, RunSummary } from './api.ts';
import { dollars, duration, tookMilliseconds } from './format.ts';
import { type ChartBar, SmallChart } from './small-chart.tsx';
import { activeStates } from './state-badge.tsx';

/** How the last runs went: shares, times, waits and cost, each with a small chart that is told in words too. */
export function Trends({ runs, costs }: { runs: readonly RunSummary[]; costs: ProjectCosts | undefined }) {
  // Oldest first, as one reads a chart.
  const judged = runs.filter(({ state }) => state === 'succeeded' || state === 'failed').reverse();
  return (
    <section aria-labelledby="trends">
      <h2 id="trends">
        The last {runs.length} runs: <Counts runs={runs} />
      </h2>
      <div class="trends">
        <Passed runs={judged} />
        <Durations runs={judged} />
        <Waits runs={[...runs].reverse()} />
        <Costs costs={costs} />
      </div>
    </section>
  );
}

function Counts({ runs }: { runs: readonly RunSummary[] }) {
  const count = (...states: readonly string[]): number =>
    runs.filter(({ state }) => states.includes(state)).length;
  const parts = [
    [count('succeeded'), 'passed'],
    [count('failed'), 'failed'],
    [count('errored', 'timed_out'), 'went wrong'],
    [count(...activeStates), 'under way'],
  ] as const;
  return <>{parts.flatMap(([number, words]) => (number === 0 ? [] : [`${number} ${words}`])).join(', ')}</>;
}

/** Of how many runs each point tells the share that passed. */
const windowSize = 10;

function Passed({ runs }: { runs: readonly RunSummary[] }) {
  const passed = runs.map(({ state }) => state === 'succeeded');
  const shareOf = (of: readonly boolean[]): number => of.filter(Boolean).length / Math.max(1, of.length);
  const bars = passed.map((_, index): ChartBar => {
    const value = shareOf(passed.slice(Math.max(0, index - windowSize + 1), index + 1));
    return { value, tone: 'busy' };
  });
  const now = percent(bars.at(-1)?.value ?? 0);
  return (
    <Trend
      name="Success rate"
      value={runs.length === 0 ? '–' : percent(shareOf(passed))}
      more={`last ${Math.min(windowSize, runs.length)}: ${runs.length === 0 ? '–' : now}`}
    >
      <SmallChart
        line
        bars={bars}
        label={`Share of ${windowSize} runs in a row that passed: ${now} now, at least ${percent(Math.min(1, ...bars.map(({ value }) => value)))}`}
      />
    </Trend>
  );
}

function Durations({ runs }: { runs: readonly RunSummary[] }) {
  const times = runs.map((run) => tookMilliseconds(run, 0) ?? 0);
  const [median, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
  return (
    <Trend name="Duration, median" value={duration(median)} more={`95th percentile ${duration(p95)}`}>
      <SmallChart
        bars={runs.map(({ state }, index) => ({
          value: times[index] ?? 0,
          tone: state === 'failed' ? 'bad' : 'good',
        }))}
        label={`Duration of ${runs.length} runs: median ${duration(median)}, 95th percentile ${duration(p95)}, longest ${duration(Math.max(0, ...times))}`}
      />
    </Trend>
  );
}

function Waits({ runs }: { runs: readonly RunSummary[] }) {
  const waits = runs.map((run) => run.waited_seconds * 1000);
  const [median, p95] = [quantile(waits, 0.5), quantile(waits, 0.95)];
  return (
    <Trend
      name="Waiting for a stack, median"
      value={duration(median)}
      more={`95th percentile ${duration(p95)}`}
    >
      <SmallChart
        bars={waits.map((value) => ({ value, tone: 'calm' }))}
        label={`Waiting for a stack before ${runs.length} runs: median ${duration(median)}, 95th percentile ${duration(p95)}, longest ${duration(Math.max(0, ...waits))}`}
      />
    </Trend>
  );
}

function Costs({ costs }: { costs: ProjectCosts | undefined }) {
  const months = costs?.months ?? [];
  const month = months.at(-1);
  const year = dollars(months.reduce((sum, { cost_usd: usd }) => sum + usd, 0));
  return (
    <Trend
      name="Cost this month"
      value={month === undefined ? '–' : dollars(month.cost_usd)}
      more={`last ${months.length} months: ${year}`}
    >
      <SmallChart
        bars={months.map(({ cost_usd: value }) => ({ value, tone: 'busy' }))}
        label={`Estimated cost by month: ${months.map((one) => `${one.month} ${dollars(one.cost_usd)}`).join(', ')}`}
      />
    </Trend>
  );
}

function Trend({
  name,
  value,
  more,
  children,
}: {
  name: string;
  value: string;
  more: string;
  children: preact.ComponentChildren;
}) {
  return (
    <div class="trend">
      <dl>
        <dt>{name}</dt>
        <dd>
          {value} <span class="more quiet">{more}</span>
        </dd>
      </dl>
      {children}
    </div>
  );
}

export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] ?? 0;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}
