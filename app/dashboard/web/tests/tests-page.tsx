import { useLocation } from 'preact-iso';
import { numberText } from '../../../lib/format.ts';
import { api, type TestList, type TrackedTest } from '../lib/api.ts';
import { counted, duration } from '../lib/format.ts';
import { usePoll } from '../lib/use-poll.ts';
import { ErrorMessage } from '../ui/error-message.tsx';
import { Pager } from '../ui/pager.tsx';
import { type ProjectChoice, ProjectSelect, projectPage } from '../ui/project-page.tsx';
import { Select, SuiteSelect } from '../ui/select.tsx';
import { Table } from '../ui/table.tsx';
import { TextFilter } from '../ui/text-filter.tsx';
import { OutcomeStrip } from './outcome-strip.tsx';
import { useAllPending } from './use-all-pending.ts';

const pageSize = 50;

const orders = [
  ['flaky', 'Flakiest'],
  ['slow', 'Slowest'],
  ['failing', 'Most failures'],
] as const;

/** The flakiest, slowest and most failing tests of a project. */
export const TestsPage = projectPage('Tests', Tests);

function Tests({ project, projects }: ProjectChoice) {
  const { query, route } = useLocation();
  const { sort = 'flaky', suite = '', text = '' } = query;
  const first = Number(/^\d{1,7}$/.exec(query.first ?? '')?.[0] ?? 0);
  const search = new URLSearchParams({ sort, offset: String(first), limit: String(pageSize) });
  if (suite !== '') search.set('suite', suite);
  if (text !== '') search.set('text', text);
  const tests = usePoll(`tests ${project} ${search}`, () => api.tests(project, search), undefined);
  useAllPending(tests.value, tests.refresh);
  const address = (next: Record<string, string>): string => {
    const all = { project: query.project ?? '', sort, suite, text, ...next };
    const entries = Object.entries(all).filter(([, value]) => value !== '');
    return `/tests?${new URLSearchParams(entries)}`;
  };
  // A filter begins at the first page.
  const change = (next: Record<string, string>): void => route(address(next), true);
  return (
    <>
      <h1>Tests</h1>
      <search class="filters">
        <ProjectSelect
          project={project}
          projects={projects}
          select={(id) => change({ project: id, suite: '' })}
        />
        <Select label="Order" value={sort} options={orders} change={(order) => change({ sort: order })} />
        <SuiteSelect
          suite={suite}
          suites={tests.value?.suites ?? []}
          change={(name) => change({ suite: name })}
        />
        <TextFilter label="Search" value={text} apply={(applied) => change({ text: applied })} />
      </search>
      <ErrorMessage error={tests.error} />
      <TestTable
        project={project}
        list={tests.value}
        filtered={suite !== '' || text !== ''}
        clear={() => change({ suite: '', text: '' })}
        first={first}
        page={(position) => address({ first: position === 0 ? '' : String(position) })}
      />
    </>
  );
}

function TestTable({
  project,
  list,
  filtered,
  clear,
  first,
  page,
}: {
  project: string;
  list: TestList | undefined;
  filtered: boolean;
  clear: () => void;
  /** How many tests come before this page. */
  first: number;
  /** Makes the address of the page at a position. */
  page: (position: number) => string;
}) {
  if (list === undefined) return <div class="placeholder runs" aria-busy="true" />;
  const last = first + list.tests.length;
  const links: (readonly [string, string])[] = [];
  if (first > 0) links.push(['Previous', page(Math.max(0, first - pageSize))]);
  if (last < list.total) links.push(['Next', page(last)]);
  return (
    <>
      <p class="quiet" role="status">
        {counted(list.total, 'test')} in {counted(list.runs, 'run')}
        {list.pending > 0 && `, reading ${numberText(list.pending)} more`}
      </p>
      {list.tests.length === 0 ? (
        <NoTests filtered={filtered} clear={clear} />
      ) : (
        <Table
          kind="tests"
          texts={['Test', 'Last runs']}
          numbers={['Flaky commits', 'Failed', 'Median', '95th percentile']}
        >
          {list.tests.map((test) => (
            <Row key={`${test.suite} ${test.group} ${test.name}`} project={project} test={test} />
          ))}
        </Table>
      )}
      {links.length > 0 && (
        <Pager
          label="Pages of tests"
          text={`Tests ${numberText(first + 1)} to ${numberText(last)} of ${numberText(list.total)}`}
          links={links}
        />
      )}
    </>
  );
}

function Row({ project, test }: { project: string; test: TrackedTest }) {
  const { suite, group, name } = test;
  return (
    <tr>
      <td>
        <a
          class="title"
          title={name}
          href={`/tests/history?${new URLSearchParams({ project, suite, group, name })}`}
        >
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
        {durationOf(test, test.median_seconds)}
      </td>
      <td class="number" data-label="95th percentile">
        {durationOf(test, test.p95_seconds)}
      </td>
    </tr>
  );
}

/** Durations are those of passed tests: a test that never passed has none. */
function durationOf({ ran, failed }: TrackedTest, seconds: number): string {
  return ran > failed ? duration(seconds * 1000) : 'No data';
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
