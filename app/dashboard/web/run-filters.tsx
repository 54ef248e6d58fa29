import { ProjectChoice, type Projects } from './project-choice.tsx';
import { states, wordsOf } from './state-badge.tsx';
import { TextFilter } from './text-filter.tsx';

export interface RunQuery {
  readonly state: string;
  readonly branch: string;
  readonly suite: string;
  readonly actor: string;
  readonly text: string;
}

/** What the address says of the list: a filtered list is a link that can be sent. */
export function runQueryOf(query: Readonly<Record<string, string | undefined>>): RunQuery {
  const { state = '', branch = '', suite = '', actor = '', text = '' } = query;
  return { state: states.includes(state) ? state : '', branch, suite, actor, text };
}

export function RunFilters({
  project,
  projects,
  filters,
  change,
}: {
  project: string;
  projects: Projects;
  filters: RunQuery;
  change: (next: RunQuery & { project?: string }) => void;
}) {
  const field = (name: 'branch' | 'suite' | 'actor' | 'text', label: string) => (
    <TextFilter label={label} value={filters[name]} enter={(text) => change({ ...filters, [name]: text })} />
  );
  return (
    <search class="filters">
      <ProjectChoice
        project={project}
        projects={projects}
        choose={(id) => change({ ...filters, project: id })}
      />
      <label>
        State
        <select
          value={filters.state}
          onChange={(event) => change({ ...filters, state: event.currentTarget.value })}
        >
          <option value="">any</option>
          {states.map((state) => (
            <option key={state} value={state}>
              {wordsOf(state)}
            </option>
          ))}
        </select>
      </label>
      {field('branch', 'Branch')}
      {field('suite', 'Suite')}
      {field('actor', 'Person')}
      {field('text', 'Text')}
    </search>
  );
}
