import { useRef } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { numberText } from '../../../lib/format.ts';
import { api, type RunSummary } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { usePoll } from '../lib/use-poll.ts';
import { StackStrip } from '../stacks/stack-strip.tsx';
import { ErrorMessage } from '../ui/error-message.tsx';
import { Pager } from '../ui/pager.tsx';
import { type ProjectChoice, projectPage } from '../ui/project-page.tsx';
import { BadgeCode } from './badge-code.tsx';
import { RunFilters, type RunQuery, runQueryOf } from './run-filters.tsx';
import { RunList } from './run-list.tsx';

const intervalMs = 2000;
const pageSize = 50;

/** The stacks of a project at a glance, and its runs. */
export const OverviewPage = projectPage('Runs', Overview);

function Overview({ project, projects }: ProjectChoice) {
  const { query, route } = useLocation();
  const filters = runQueryOf(query);
  const search = new URLSearchParams({ project, limit: String(pageSize) });
  for (const [name, value] of Object.entries(filters)) if (value !== '') search.set(name, value);
  const isFiltered = search.size > 2;
  const { cursor, first } = pageOf(query);
  if (cursor !== undefined) search.set('cursor', cursor);

  const stacks = usePoll(`stacks ${project}`, (again) => api.stacks(project, again), intervalMs);
  const queue = usePoll(`queue ${project}`, (again) => api.queue(project, again), intervalMs);
  const runs = usePoll(`runs ${search}`, (again) => api.runs(search, again), intervalMs);
  const change = (next: Partial<RunQuery> & { project?: string }): void =>
    // A filter begins at the first page.
    route(addressOf({ project: query.project, ...filters, ...next }), true);

  // Everything appears at the same time: sections that arrive one by one would move the others.
  const wasLoaded = useRef(false);
  wasLoaded.current ||= [stacks, queue, runs].every(({ value, error }) => (value ?? error) !== undefined);
  if (!wasLoaded.current) return <div class="placeholder page" aria-busy="true" />;
  const clear = () => change(runQueryOf({}));
  return (
    <>
      <h1 class="hidden">Runs</h1>
      <ErrorMessage error={runs.error ?? stacks.error ?? queue.error} />
      <StackStrip
        project={project}
        stacks={stacks.value?.stacks ?? []}
        waiting={queue.value?.line.length ?? 0}
      />
      <section aria-labelledby="runs">
        <h2 id="runs">Runs</h2>
        <RunFilters project={project} projects={projects} filters={filters} change={change} />
        {(runs.value !== undefined || runs.error === undefined) && (
          <RunList
            runs={runs.value?.workflows}
            empty={
              isFiltered ? <NoMatches clear={clear} hasOlder={runs.value?.cursor != null} /> : <NoRuns />
            }
          />
        )}
        <RunPager
          runs={runs.value?.workflows}
          first={first}
          next={runs.value?.cursor ?? undefined}
          address={(page) => addressOf({ project: query.project, ...filters, ...page })}
        />
        <BadgeCode project={project} branch={filters.branch} suite={filters.suite} />
      </section>
    </>
  );
}

/** The page that the address names: where it begins in the list, and how many runs come before it. */
function pageOf(query: Readonly<Record<string, string | undefined>>): { cursor?: string; first: number } {
  const { cursor, first } = query;
  if (cursor === undefined) return { first: 0 };
  return { cursor, first: Number(/^\d{1,7}$/.exec(first ?? '')?.[0] ?? 0) };
}

function addressOf(fields: Readonly<Record<string, string | undefined>>): string {
  const entries = Object.entries(fields).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  return entries.length === 0 ? '/' : `/?${new URLSearchParams(entries)}`;
}

function RunPager({
  runs,
  first,
  next,
  address,
}: {
  runs: readonly RunSummary[] | undefined;
  first: number;
  next: string | undefined;
  address: (page: { cursor?: string; first?: string }) => string;
}) {
  if (runs === undefined) return null;
  const last = first + runs.length;
  const range = runs.length === 0 ? '' : `${numberText(first + 1)} to ${numberText(last)}`;
  const links: (readonly [string, string])[] = [];
  if (first > 0) links.push(['Newest', address({})]);
  if (next !== undefined) links.push(['Older', address({ cursor: next, first: String(last) })]);
  const text =
    first === 0 && next === undefined ? counted(last, 'run') : range && `Runs ${range}, newest first`;
  return <Pager label="Pages of runs" text={text} links={links} />;
}

function NoMatches({ clear, hasOlder }: { clear: () => void; hasOlder: boolean }) {
  return (
    <div class="empty">
      <p>{hasOlder ? 'None of the newest runs match. Older ones may.' : 'No runs match.'}</p>
      <p class="quiet">
        Branch, Suite, Stack and Triggered by match whole names. Search finds parts of names and messages.
      </p>
      <button type="button" onClick={clear}>
        Clear filters
      </button>
    </div>
  );
}

function NoRuns() {
  return (
    <div class="empty">
      <p>
        <strong>No runs yet.</strong> Start the first one from a clone of your repository:
      </p>
      <pre>BERTH_URL={location.origin} BERTH_API_KEY=berth_… berth run</pre>
      <p>
        You can also push to a repository that the GitHub App is installed on, or call{' '}
        <a href="/docs">the API</a>.
      </p>
    </div>
  );
}
