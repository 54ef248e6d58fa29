import { type ProjectChoice, ProjectSelect } from '../ui/project-page.tsx';
import { Select } from '../ui/select.tsx';
import { stateLabel, states } from '../ui/state-badge.tsx';
import { TextFilter } from '../ui/text-filter.tsx';
import { triggerKinds } from './summary-of.ts';

/** The filters of the list of runs, by the names that the REST API gives them. */
const filterNames = [
  'state',
  'branch',
  'suite',
  'pull_request',
  'sha',
  'trigger',
  'actor',
  'stack',
  'created_since',
  'created_until',
  'text',
] as const;
export type RunFilterName = (typeof filterNames)[number];
export type RunQuery = Readonly<Record<RunFilterName, string>>;

/** Reads the filters from the address: a filtered list is a link that can be shared. */
export function runQueryOf(query: Readonly<Record<string, string | undefined>>): RunQuery {
  const valid = (name: RunFilterName): string => {
    const value = query[name] ?? '';
    if (name === 'state') return states.includes(value) ? value : '';
    if (name === 'trigger') return triggerKinds.some(([kind]) => kind === value) ? value : '';
    if (name === 'created_since' || name === 'created_until') return isDay(value) ? value : '';
    if (name === 'pull_request') return /^\d{1,9}$/.test(value) ? value : '';
    return value;
  };
  // One value for each name.
  return Object.fromEntries(filterNames.map((name) => [name, valid(name)])) as RunQuery;
}

export function RunFilters({
  project,
  projects,
  filters,
  change,
}: ProjectChoice & {
  readonly filters: RunQuery;
  readonly change: (next: Partial<RunQuery> & { project?: string }) => void;
}) {
  const field = (name: RunFilterName, label: string) => (
    <TextFilter label={label} value={filters[name]} apply={(text) => change({ [name]: text })} />
  );
  const menu = (name: RunFilterName, label: string, options: readonly (readonly [string, string])[]) => (
    <Select
      label={label}
      value={filters[name]}
      options={[['', 'Any'], ...options]}
      change={(value) => change({ [name]: value })}
    />
  );
  const date = (name: RunFilterName, label: string) => (
    <label>
      {label}
      <input
        type="date"
        value={filters[name]}
        onChange={(event) => change({ [name]: event.currentTarget.value })}
      />
    </label>
  );
  const isFiltered = filterNames.some((name) => filters[name] !== '');
  const more = (
    ['pull_request', 'sha', 'trigger', 'actor', 'stack', 'created_since', 'created_until'] as const
  ).filter((name) => filters[name] !== '');
  return (
    <search class="filters">
      <ProjectSelect project={project} projects={projects} select={(id) => change({ project: id })} />
      {menu(
        'state',
        'State',
        states.map((state) => [state, stateLabel(state)]),
      )}
      {field('branch', 'Branch')}
      {field('suite', 'Suite')}
      {field('text', 'Search')}
      <details class="more-filters" open={more.length > 0}>
        <summary>More filters</summary>
        <div class="filters">
          {field('pull_request', 'Pull request')}
          {field('sha', 'Commit')}
          {menu('trigger', 'Trigger', triggerKinds)}
          {field('actor', 'Triggered by')}
          {field('stack', 'Stack')}
          {date('created_since', 'Created from')}
          {date('created_until', 'Created to')}
        </div>
      </details>
      {isFiltered && (
        <button type="button" class="clear" onClick={() => change(noFilters)}>
          Clear filters
        </button>
      )}
    </search>
  );
}

function isDay(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text));
}

/** Every filter off. */
const noFilters: RunQuery = runQueryOf({});
