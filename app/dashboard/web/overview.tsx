import { useLocation } from 'preact-iso';
import { api } from './api.ts';
import { Board } from './board.tsx';
import { NoProject } from './no-project.tsx';
import { Problem } from './problem.tsx';
import { type Projects, useProject } from './project-choice.tsx';
import { RunFilters, type RunQuery, runQueryOf } from './run-filters.tsx';
import { RunList } from './run-list.tsx';
import { Trends } from './trends.tsx';
import { usePoll } from './use-poll.ts';

const everyMilliseconds = 2000;
/** What many months cost changes little, and is a query for each of them. */
const costsEveryMilliseconds = 5 * 60_000;
const runsShown = '100';

/** Who holds which berth, what runs, and how it goes. */
export function Overview({ home }: { home: string | null }) {
  const { project, projects, known, error } = useProject(home);
  if (project === undefined) return <NoProject known={known} error={error} />;
  return <OverviewOf project={project} projects={projects} />;
}

function OverviewOf({ project, projects }: { project: string; projects: Projects }) {
  const { query, route } = useLocation();
  const filters = runQueryOf(query);
  const search = new URLSearchParams({ project, limit: runsShown });
  for (const [name, value] of Object.entries(filters)) if (value !== '') search.set(name, value);
  const filtered = search.size > 2;

  const stacks = usePoll(`stacks ${project}`, (again) => api.stacks(project, again), everyMilliseconds);
  const line = usePoll(`line ${project}`, (again) => api.line(project, again), everyMilliseconds);
  const runs = usePoll(`runs ${search}`, (again) => api.runs(search, again), everyMilliseconds);
  const recent = usePoll(
    `trends ${project}`,
    (again) => api.runs(new URLSearchParams({ project, limit: runsShown }), again),
    10 * everyMilliseconds,
  );
  const costs = usePoll(`costs ${project}`, () => api.costs(project), costsEveryMilliseconds);
  const change = (next: RunQuery & { project?: string }): void => {
    const all = { project: query.project, ...next };
    const entries = Object.entries(all).filter(([, value]) => value !== undefined && value !== '');
    const asked = new URLSearchParams(entries.map(([name, value]) => [name, String(value)]));
    route(asked.size === 0 ? '/' : `/?${asked}`, true);
  };

  // The first picture is a whole one: what comes piece by piece would push the rest about.
  const failed = stacks.error ?? line.error ?? recent.error;
  const isKnown = [stacks, line, recent, costs].every(({ value, error }) => (value ?? error) !== undefined);
  if (!isKnown) return <div class="placeholder page" aria-busy="true" />;
  return (
    <>
      <h1 class="hidden">Overview</h1>
      <section aria-labelledby="berths">
        <h2 id="berths">Berths</h2>
        <Problem error={failed} />
        <Board project={project} stacks={stacks.value?.stacks} line={line.value?.line ?? []} />
      </section>
      <Trends runs={recent.value?.workflows ?? []} costs={costs.value} />
      <section aria-labelledby="runs">
        <h2 id="runs">Runs</h2>
        <RunFilters project={project} projects={projects} filters={filters} change={change} />
        <Problem error={runs.error} />
        <RunList runs={runs.value?.workflows} filtered={filtered} />
      </section>
    </>
  );
}
