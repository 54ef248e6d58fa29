import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';
import { api, type TestList, type TrackedTest } from './api.ts';
import { duration } from './format.ts';
import { NoProject } from './no-project.tsx';
import { OutcomeStrip } from './outcome-strip.tsx';
import { Problem } from './problem.tsx';
import { ProjectChoice, type Projects, useProject } from './project-choice.tsx';
import { TextFilter } from './text-filter.tsx';
import { usePoll } from './use-poll.ts';
import { useTitle } from './use-title.ts';

const orders = [
  ['flaky', 'Flakiest'],
  ['slow', 'Slowest'],
  ['failing', 'Failing most'],
] as const;

/** Which tests cost a project time and trust, over its last runs. */
export function TestsPage({ home }: { home: string | null }) {
  const { project, projects, known, error } = useProject(home);
  useTitle('Tests');
  if (project === undefined) return <NoProject known={known} error={error} />;
  return <TestsOf project={project} projects={projects} />;
}

function TestsOf({ project, projects }: { project: string; projects: Projects }) {
  const { query, route } = useLocation();
  const { sort = 'flaky', suite = '', text = '' } = query;
  const search = new URLSearchParams({ sort });
  if (suite !== '') search.set('suite', suite);
  if (text !== '') search.set('text', text);
  const tests = usePoll(`tests ${project} ${search}`, () => api.tests(project, search), undefined);
  useGoingOn(tests.value, tests.refresh);
  const change = (next: Record<string, string>): void => {
    const all = { project: query.project ?? '', sort, suite, text, ...next };
    const entries = Object.entries(all).filter(([, value]) => value !== '');
    route(`/tests?${new URLSearchParams(entries)}`, true);
  };
  return (
    <>
      <h1>Tests</h1>
      <search class="filters">
        <ProjectChoice
          project={project}
          projects={projects}
          choose={(id) => change({ project: id, suite: '' })}
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
            <option value="">all</option>
            {(tests.value?.suites ?? []).map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <TextFilter label="Text" value={text} enter={(entered) => change({ text: entered })} />
      </search>
      <Problem error={tests.error} />
      <Tests project={project} list={tests.value} />
    </>
  );
}

/** Each answer has read some more runs: asks on until all are known. */
export function useGoingOn(answer: { pending: number } | undefined, again: () => void): void {
  useEffect(() => {
    if (answer !== undefined && answer.pending > 0) again();
  }, [answer, again]);
}

function Tests({ project, list }: { project: string; list: TestList | undefined }) {
  if (list === undefined) return <div class="placeholder runs" aria-busy="true" />;
  return (
    <>
      <p class="quiet" role="status">
        {list.total.toLocaleString()} tests over {list.runs.toLocaleString()} runs
        {list.pending > 0 && `, ${list.pending} more are being read`}
      </p>
      {list.tests.length === 0 ? (
        <p class="empty">
          No test results yet. Name the JUnit files that a suite writes, as <code>junit</code> in its settings
          or in <code>POST /workflow/execute</code>.
        </p>
      ) : (
        <table class="runs tests">
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
        <a class="main" href={`/tests/history?${new URLSearchParams({ project, suite, group, name })}`}>
          {name}
        </a>
        <span class="quiet">
          {group} · {suite}
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
