import { useLocation } from 'preact-iso';
import { api } from './api.ts';
import { Board } from './board.tsx';
import { NoProject } from './no-project.tsx';
import { Problem } from './problem.tsx';
import { RunFilters, type RunQuery, runQueryOf } from './run-filters.tsx';
import { RunList } from './run-list.tsx';
import { Trends } from './trends.tsx';
import { usePoll } from './use-poll.ts';

const everyMilliseconds = 2000;

/** Who holds which berth, what runs, and how it goes. */
export function Overview({ home }: { home: string | null }) {
  const { query, route } = useLocation();
  const projects = usePoll('projects', api.projects, undefined);
  const project = query.project ?? home ?? projects.value?.projects[0]?.id;
  if (project === undefined) return <NoProject known={projects.value !== undefined} error={projects.error} />;
  const filters = runQueryOf(query);
  const change = (next: RunQuery & { project?: string }): void => {
    const all = { ...(query.project === undefined ? {} : { project: query.project }), ...next };
    const entries = Object.entries(all).filter(([, value]) => value !== undefined && value !== '');
    const search = new URLSearchParams(entries.map(([name, value]) => [name, String(value)]));
    route(search.size === 0 ? '/' : `/?${search}`, true);
  };
  return (
    <>
      {(projects.value?.projects.length ?? 0) > 1 && (
        <label class="project">
          Project{' '}
          <select
            value={project}
            onChange={(event) => change({ ...filters, project: event.currentTarget.value })}
          >
            {projects.value?.projects.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </label>
      )}
      <Berths project={project} />
      <Runs project={project} filters={filters} change={change} />
    </>
  );
}

function Berths({ project }: { project: string }) {
  const stacks = usePoll(`stacks ${project}`, () => api.stacks(project), everyMilliseconds);
  const line = usePoll(`line ${project}`, () => api.line(project), everyMilliseconds);
  return (
    <section aria-labelledby="berths">
      <h2 id="berths">Berths</h2>
      <Problem error={stacks.error} />
      <Board project={project} stacks={stacks.value?.stacks} line={line.value?.line ?? []} />
    </section>
  );
}

function Runs({
  project,
  filters,
  change,
}: {
  project: string;
  filters: RunQuery;
  change: (next: RunQuery) => void;
}) {
  const search = new URLSearchParams({ project, limit: '100' });
  for (const [name, value] of Object.entries(filters)) if (value !== '') search.set(name, value);
  const runs = usePoll(`runs ${search}`, () => api.runs(search), everyMilliseconds);
  const recent = usePoll(
    `trends ${project}`,
    () => api.runs(new URLSearchParams({ project, limit: '100' })),
    10 * everyMilliseconds,
  );
  return (
    <>
      <Trends runs={recent.value?.workflows ?? []} />
      <section aria-labelledby="runs">
        <h2 id="runs">Runs</h2>
        <RunFilters filters={filters} change={change} />
        <Problem error={runs.error} />
        <RunList
          runs={runs.value?.workflows}
          filtered={Object.values(filters).some((value) => value !== '')}
        />
      </section>
    </>
  );
}
