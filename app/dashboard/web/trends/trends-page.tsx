import { useLocation } from 'preact-iso';
import { api, type ProjectCosts, type ProjectTrends, type WeekTrend } from '../lib/api.ts';
import { counted, dollars, duration, percent } from '../lib/format.ts';
import { usePoll } from '../lib/use-poll.ts';
import { ErrorMessage } from '../ui/error-message.tsx';
import { Notices } from '../ui/notices.tsx';
import { type ProjectChoice, ProjectSelect, projectPage } from '../ui/project-page.tsx';
import { Select, SuiteSelect } from '../ui/select.tsx';
import { Table } from '../ui/table.tsx';
import { BarChart } from './bar-chart.tsx';
import { budgetTexts } from './budget-texts.ts';

/** Weeks change slowly, and cost the server more than a list. */
const intervalMs = 5 * 60_000;
const weekCounts = ['4', '12', '26'] as const;

/** How a project develops, week by week and by suite. */
export const TrendsPage = projectPage('Trends', Trends);

function Trends({ project, projects }: ProjectChoice) {
  const { query, route } = useLocation();
  const { suite = '' } = query;
  const weeks = weekCounts.find((count) => count === query.weeks) ?? '12';
  const trends = usePoll(`trends ${project} ${weeks}`, () => api.trends(project, weeks), intervalMs);
  const costs = usePoll(`costs ${project}`, () => api.costs(project), intervalMs);
  const change = (next: Record<string, string>): void => {
    const fields = { project: query.project ?? '', suite, weeks, ...next };
    route(`/trends?${new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== ''))}`, true);
  };
  const suites = [...new Set(trends.value?.rows.flatMap((row) => row.suite ?? []) ?? [])].sort();
  const isLoaded = [trends, costs].every(({ value, error }) => (value ?? error) !== undefined);
  return (
    <>
      <h1>Trends</h1>
      <search class="filters">
        <ProjectSelect
          project={project}
          projects={projects}
          select={(id) => change({ project: id, suite: '' })}
        />
        <SuiteSelect suite={suite} suites={suites} change={(name) => change({ suite: name })} />
        <Select
          label="Period"
          value={weeks}
          options={weekCounts.map((count) => [count, `${count} weeks`])}
          change={(count) => change({ weeks: count })}
        />
      </search>
      <ErrorMessage error={trends.error ?? costs.error} />
      <Notices label="Budgets" texts={budgetTexts(costs.value?.budgets ?? [])} />
      {isLoaded ? (
        <Charts
          trends={trends.value}
          costs={costs.value}
          suite={suite === '' ? null : suite}
          suites={suites}
        />
      ) : (
        <div class="placeholder page" aria-busy="true" />
      )}
    </>
  );
}

function Charts({
  trends,
  costs,
  suite,
  suites,
}: {
  trends: ProjectTrends | undefined;
  costs: ProjectCosts | undefined;
  suite: string | null;
  suites: readonly string[];
}) {
  if (trends === undefined) return null;
  const rows = weekRows(trends, suite);
  const runs = rows.reduce((sum, row) => sum + (row?.runs ?? 0), 0);
  if (runs === 0) {
    return (
      <>
        <div class="empty">
          <p>
            <strong>No finished runs since {trends.since}.</strong> Choose a longer period or another suite,
            or start a run from a clone of your repository:
          </p>
          <pre>{`BERTH_URL=${location.origin} BERTH_API_KEY=berth_… berth run`}</pre>
        </div>
        {suite === null && (costs?.total.cost_usd ?? 0) > 0 && (
          <div class="trends">
            <MonthlyCost costs={costs} />
          </div>
        )}
      </>
    );
  }
  return (
    <>
      <p class="quiet" role="status">
        {counted(runs, 'run')} since {trends.since}
        {!trends.complete && '. Older runs of the period are not included: the project has too many.'}
      </p>
      <div class="trends">
        {metrics.map((metric) => (
          <Trend key={metric.name} metric={metric} weeks={trends.weeks} rows={rows} />
        ))}
        {suite === null && <MonthlyCost costs={costs} />}
      </div>
      {suite === null && suites.length > 1 && <SuiteTable trends={trends} suites={suites} />}
    </>
  );
}

interface Metric {
  readonly name: string;
  readonly tone: string;
  /** undefined if the week has no run that says something. */
  readonly of: (row: WeekTrend) => number | undefined;
  readonly format: (value: number) => string;
}

const inSeconds = (value: number): string => duration(value * 1000);
const metrics: readonly Metric[] = [
  {
    name: 'Median duration',
    tone: 'accent',
    of: ({ median_seconds }) => median_seconds ?? undefined,
    format: inSeconds,
  },
  {
    name: 'Failure rate',
    tone: 'bad',
    of: ({ passed, failed, errored }) => rate(failed + errored, passed + failed + errored),
    format: percent,
  },
  {
    name: 'Flaky commits',
    tone: 'warn',
    of: ({ flaky_commits, commits }) => rate(flaky_commits, commits),
    format: percent,
  },
  {
    name: 'Median queue time',
    tone: 'neutral',
    of: ({ median_queue_seconds }) => median_queue_seconds ?? undefined,
    format: inSeconds,
  },
  { name: 'Estimated cost', tone: 'accent', of: ({ cost_usd }) => cost_usd, format: dollars },
  {
    name: 'Cache hits',
    tone: 'neutral',
    of: ({ cache_hits, cache_lookups }) => rate(cache_hits, cache_lookups),
    format: percent,
  },
  {
    name: 'Time saved by caches',
    tone: 'accent',
    of: ({ cache_saved_seconds, cache_lookups }) => (cache_lookups === 0 ? undefined : cache_saved_seconds),
    format: inSeconds,
  },
];

function rate(part: number, whole: number): number | undefined {
  return whole === 0 ? undefined : part / whole;
}

/** The row of each week, oldest first; undefined for a week without runs. */
function weekRows({ weeks, rows }: ProjectTrends, suite: string | null): readonly (WeekTrend | undefined)[] {
  return weeks.map((week) => rows.find((row) => row.week === week && row.suite === suite));
}

function Trend({
  metric: { name, tone, of, format },
  weeks,
  rows,
}: {
  metric: Metric;
  weeks: readonly string[];
  rows: readonly (WeekTrend | undefined)[];
}) {
  const values = rows.map((row) => (row === undefined ? undefined : of(row)));
  const known = values.filter((value) => value !== undefined);
  const current = known.at(-1);
  const before = known.at(-2);
  const bars = weeks.map((week, index) => {
    const value = values[index];
    return {
      label: `Week of ${week}`,
      value: value ?? 0,
      text: value === undefined ? 'no data' : format(value),
    };
  });
  return (
    <section class="card trend" aria-label={name}>
      <h2>{name}</h2>
      <p class="figure">{current === undefined ? 'No data' : format(current)}</p>
      <p class="quiet">
        {before === undefined ? 'No earlier week to compare' : `${format(before)} in the week before`}
      </p>
      <BarChart
        bars={bars}
        tone={tone}
        label={`${name} by week: ${bars.map(({ label, text }) => `${label.slice(8)} ${text}`).join(', ')}`}
      />
    </section>
  );
}

function MonthlyCost({ costs }: { costs: ProjectCosts | undefined }) {
  const months = costs?.months ?? [];
  const total = months.reduce((sum, { cost_usd }) => sum + cost_usd, 0);
  const bars = months.map(({ month, cost_usd }) => ({
    label: month,
    value: cost_usd,
    text: dollars(cost_usd),
  }));
  return (
    <section class="card trend" aria-label="Estimated cost this month">
      <h2>Estimated cost this month</h2>
      <p class="figure">{bars.at(-1)?.text ?? 'No data'}</p>
      <p class="quiet">
        {dollars(total)} in {counted(months.length, 'month')}
      </p>
      <BarChart
        bars={bars}
        tone="accent"
        label={`Estimated cost by month: ${bars.map(({ label, text }) => `${label} ${text}`).join(', ')}`}
      />
    </section>
  );
}

function SuiteTable({ trends, suites }: { trends: ProjectTrends; suites: readonly string[] }) {
  return (
    <section aria-labelledby="by-suite">
      <h2 id="by-suite">Latest week by suite</h2>
      <Table kind="latest-week" texts={['Suite']} numbers={['Runs', ...metrics.map(({ name }) => name)]}>
        {suites.map((suite) => {
          const row = weekRows(trends, suite).findLast((one) => one !== undefined);
          return (
            <tr key={suite}>
              <th scope="row">{suite}</th>
              <td class="number" data-label="Runs">
                {row?.runs ?? 0}
              </td>
              {metrics.map(({ name, of, format }) => {
                const value = row === undefined ? undefined : of(row);
                return (
                  <td key={name} class="number" data-label={name}>
                    {value === undefined ? 'No data' : format(value)}
                  </td>
                );
              })}
            </tr>
          );
        })}
      </Table>
    </section>
  );
}
