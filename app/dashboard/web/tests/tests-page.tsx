import { useLocation } from 'preact-iso';
import { api, type TestList, type TrackedTest } from '../lib/api.ts';
import { counted, duration } from '../lib/format.ts';
import { usePoll } from '../lib/use-poll.ts';
import { useTitle } from '../lib/use-title.ts';
import { ErrorMessage } from '../ui/error-message.tsx';
import { NoProject } from '../ui/no-project.tsx';
import { ProjectSelect, type Projects, useProject } from '../ui/project-select.tsx';
import { TextFilter } from '../ui/text-filter.tsx';
import { OutcomeStrip } from './outcome-strip.tsx';
import { useAllPending } from './use-all-pending.ts';

const orders = [
  ['flaky', 'Flakiest'],
  ['slow', 'Slowest'],
  ['failing', 'Most failures'],
] as const;

/** The flakiest, slowest and most failing tests of a project. */
export function TestsPage({ home }: { home: string | null }) {
  const { project, projects, loaded, error } = useProject(home);
  useTitle('Tests');
  if (project === undefined) return <NoProject loaded={loaded} error={error} />;
  return <Tests project={project} projects={projects} />;
}

function Tests({ project, projects }: { project: string; projects: Projects }) {
  const { query, route } = useLocation();
  const { sort = 'flaky', suite = '', text = '' } = query;
  const search = new URLSearchParams({ sort });
  if (suite !== '') search.set('suite', suite);
  if (text !== '') search.set('text', text);
  const tests = usePoll(`tests ${project} ${search}`, () => api.tests(project, search), undefined);
  useAllPending(tests.value, tests.refresh);
  const change = (next: Record<string, string>): void => {
    const all = { project: query.project ?? '', sort, suite, text, ...next };
    const entries = Object.entries(all).filter(([, value]) => value !== '');
    route(`/tests?${new URLSearchParams(entries)}`, true);
  };
  return (
    <>
      <h1>Tests</h1>
      <search class="filters">
        <ProjectSelect
          project={project}
          projects={projects}
          select={(id) => change({ project: id, suite: '' })}
        />
        <label>
          Order
          <select value={sort} onChange={(event) => change({ sort: event.currentTarget.value })}>
            {orders.map(([value, words]) => (
              <option key={value} value={value}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label>
          Suite
          <select value={suite} onChange={(event) => change({ suite: event.currentTarget.value })}>
            <option value="">All</option>
            {(tests.value?.suites ?? []).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <TextFilter label="Search" value={text} apply={(applied) => change({ text: applied })} />
      </search>
      <ErrorMessage error={tests.error} />
      <TestTable
        project={project}
        list={tests.value}
        filtered={suite !== '' || text !== ''}
        clear={() => change({ suite: '', text: '' })}
      />
    </>
  );
}

function TestTable({
  project,
  list,
  filtered,
  clear,
}: {
  project: string;
  list: TestList | undefined;
  filtered: boolean;
  clear: () => void;
}) {
  if (list === undefined) return <div class="placeholder runs" aria-busy="true" />;
  return (
    <>
      <p class="quiet" role="status">
        {list.total > list.tests.length && `${list.tests.length} of `}
        {counted(list.total, 'test')} in {counted(list.runs, 'run')}
        {list.pending > 0 && `, reading ${list.pending} more`}
      </p>
      {list.tests.length === 0 ? (
        <NoTests filtered={filtered} clear={clear} />
      ) : (
        <table class="table tests">
          <thead>
            <tr>
              <th scope="col">Test</th>
              <th scope="col">Last runs</th>
              <th scope="col" class="number">
                Flaky commits
              </th>
              <th scope="col" class="number">
                Failed
              </th>
              <th scope="col" class="number">
                Median
              </th>
              <th scope="col" class="number">
                95th percentile
              </th>
            </tr>
          </thead>
          <tbody>
            {list.tests.map((test) => (
              <Row key={`${test.suite} ${test.group} ${test.name}`} project={project} test={test} />
            ))}
          </tbody>
        </table>
      )}
    </>
  );
}

function Row({ project, test }: { project: string; test: TrackedTest }) {
  const { suite, group, name } = test;
  return (
    <tr>
      <td>
        <a class="title" href={`/tests/history?${new URLSearchParams({ project, suite, group, name })}`}>
          {name}
        </a>
        <span class="meta">
          <span>{suite}</span>
          <span>{group}</span>
        </span>
      </td>
      <td>
        <OutcomeStrip outcomes={test.outcomes} seconds={test.seconds} />
      </td>
      <td class="number" data-label="Flaky commits">
        {test.flaky_commits > 0 ? <span class="warn">{test.flaky_commits}</span> : 0}
      </td>
      <td class="number" data-label="Failed">
        {test.failed} of {test.ran}
      </td>
      <td class="number" data-label="Median">
        {duration(test.median_seconds * 1000)}
      </td>
      <td class="number" data-label="95th percentile">
        {duration(test.p95_seconds * 1000)}
      </td>
    </tr>
  );
}

function NoTests({ filtered, clear }: { filtered: boolean; clear: () => void }) {
  if (filtered) {
    return (
      <div class="empty">
        <p>No tests match.</p>
        <button type="button" onClick={clear}>
          Clear filters
        </button>
      </div>
    );
  }
  return (
    <div class="empty">
      <p>
        <strong>No test results yet.</strong> Set <code>junit</code> of a suite in{' '}
        <code>.github/berth.yml</code> to the JUnit XML files that your tests write:
      </p>
      <pre>{'suites:\n  unit:\n    command: npm test\n    junit: [junit.xml]'}</pre>
    </div>
  );
}
