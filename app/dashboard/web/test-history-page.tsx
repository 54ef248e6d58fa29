import { useLocation } from 'preact-iso';
import { api, type TestHistory } from './api.ts';
import { ago, duration, moment, shortSha } from './format.ts';
import { OutcomeStrip } from './outcome-strip.tsx';
import { Problem } from './problem.tsx';
import { useGoingOn } from './tests-page.tsx';
import { useNow, usePoll } from './use-poll.ts';
import { useTitle } from './use-title.ts';

const words: Readonly<Record<string, string>> = {
  passed: '✓ passed',
  failed: '✗ failed',
  skipped: '↷ skipped',
};
const tones: Readonly<Record<string, string>> = { passed: 'good', failed: 'bad', skipped: 'quiet' };

/** One test, run by run. */
export function TestHistoryPage({ home }: { home: string | null }) {
  const { query } = useLocation();
  const { project = home ?? '', suite = '', group = '', name = '' } = query;
  const test = usePoll(
    `test ${project} ${JSON.stringify([suite, group, name])}`,
    () => api.testHistory(project, { suite, group, name }),
    undefined,
  );
  useGoingOn(test.value, test.refresh);
  useTitle(name);
  return (
    <>
      <p class="crumbs">
        <a href={`/tests?${new URLSearchParams({ project })}`}>Tests</a>
      </p>
      <h1>{name}</h1>
      <p class="quiet">
        {group} · {suite}
      </p>
      <Problem error={test.error} />
      {test.value === undefined ? (
        <div class="placeholder runs" aria-busy={test.error === undefined} />
      ) : (
        <Known test={test.value} />
      )}
    </>
  );
}

function Known({ test }: { test: TestHistory }) {
  const now = useNow();
  const oldestFirst = [...test.history].reverse();
  return (
    <>
      <p class="happened">
        {test.flaky_commits > 0
          ? `Flaky: on ${test.flaky_commits} ${test.flaky_commits === 1 ? 'commit' : 'commits'} it both passed and failed.`
          : 'Not seen to pass and fail on the same commit.'}{' '}
        Failed in {test.failed} of {test.ran} runs. Takes {duration(test.median_seconds * 1000)} in the
        median, {duration(test.p95_seconds * 1000)} at the 95th percentile.
      </p>
      <div class="chart strip-box">
        <OutcomeStrip
          outcomes={oldestFirst.map(({ outcome }) => outcome)}
          seconds={oldestFirst.map(({ seconds }) => seconds)}
        />
      </div>
      <table class="runs">
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">Branch</th>
            <th scope="col">Commit</th>
            <th scope="col" class="number">
              Took
            </th>
            <th scope="col" class="number">
              When
            </th>
          </tr>
        </thead>
        <tbody>
          {test.history.map((point) => (
            <tr key={point.workflow_id}>
              <td>
                <span class={`badge ${tones[point.outcome]}`}>{words[point.outcome]}</span>
              </td>
              <td>
                <a class="main" href={`/runs/${point.workflow_id}`}>
                  {point.branch}
                </a>
              </td>
              <td>
                <code>{shortSha(point.sha)}</code>
              </td>
              <td class="number">{duration(point.seconds * 1000)}</td>
              <td class="number">
                <time dateTime={point.at} title={moment(point.at)}>
                  {ago(point.at, now)}
                </time>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
