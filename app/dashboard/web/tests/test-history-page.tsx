import { useLocation } from 'preact-iso';
import { api, type TestHistory } from '../lib/api.ts';
import { counted, duration, shortSha } from '../lib/format.ts';
import { useNow } from '../lib/use-now.ts';
import { usePoll } from '../lib/use-poll.ts';
import { useTitle } from '../lib/use-title.ts';
import { Icon, type IconName } from '../ui/icon.tsx';
import { PageError } from '../ui/not-found.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Table } from '../ui/table.tsx';
import { OutcomeStrip } from './outcome-strip.tsx';
import { useAllPending } from './use-all-pending.ts';

const outcomes: Readonly<Record<string, { label: string; tone: string; icon: IconName }>> = {
  passed: { label: 'Passed', tone: 'good', icon: 'check' },
  failed: { label: 'Failed', tone: 'bad', icon: 'cross' },
  skipped: { label: 'Skipped', tone: 'neutral', icon: 'skip' },
};

/** The history of one test, run by run. */
export function TestHistoryPage({ home }: { home: string | null }) {
  const { query } = useLocation();
  const { project = home ?? '', suite = '', group = '', name = '' } = query;
  const test = usePoll(
    `test ${project} ${JSON.stringify([suite, group, name])}`,
    () => api.testHistory(project, { suite, group, name }),
    undefined,
  );
  useAllPending(test.value, test.refresh);
  useTitle(name);
  if (test.error !== undefined) return <PageError error={test.error} what="Test" />;
  return (
    <>
      <p class="crumbs">
        <a href={`/tests?${new URLSearchParams({ project })}`}>Tests</a> <span aria-hidden="true">/</span>{' '}
        <a href={`/tests?${new URLSearchParams({ project, suite })}`}>{suite}</a>
      </p>
      <h1>{name}</h1>
      <p class="quiet">{group}</p>
      {test.value === undefined ? (
        <div class="placeholder runs" aria-busy="true" />
      ) : (
        <History test={test.value} />
      )}
    </>
  );
}

function History({ test }: { test: TestHistory }) {
  const now = useNow();
  const oldestFirst = [...test.history].reverse();
  return (
    <>
      <p class="summary">
        {test.flaky_commits > 0
          ? `Flaky: passed and failed on the same commit, for ${counted(test.flaky_commits, 'commit')}.`
          : 'Not flaky: never passed and failed on the same commit.'}{' '}
        Failed in {test.failed} of {counted(test.ran, 'run')}.{/* Durations are those of passed tests. */}
        {test.ran > test.failed &&
          ` Median duration ${duration(test.median_seconds * 1000)}, 95th percentile ${duration(test.p95_seconds * 1000)}.`}
      </p>
      <div class="card strip-box">
        <OutcomeStrip
          outcomes={oldestFirst.map(({ outcome }) => outcome)}
          seconds={oldestFirst.map(({ seconds }) => seconds)}
        />
      </div>
      <Table kind="history" texts={['Outcome', 'Branch', 'Commit']} numbers={['Duration', 'Created']}>
        {test.history.map((entry) => (
          <tr key={entry.workflow_id}>
            <td>
              <OutcomeBadge outcome={entry.outcome} />
            </td>
            <td>
              <a class="title" href={`/runs/${entry.workflow_id}`}>
                {entry.branch}
              </a>
            </td>
            <td>
              <code>{shortSha(entry.sha)}</code>
            </td>
            <td class="number">{duration(entry.seconds * 1000)}</td>
            <td class="number">
              <RelativeTime iso={entry.at} now={now} />
            </td>
          </tr>
        ))}
      </Table>
    </>
  );
}

function OutcomeBadge({ outcome }: { outcome: string }) {
  const known = outcomes[outcome];
  return (
    <span class={`badge ${known?.tone ?? 'neutral'}`}>
      <Icon name={known?.icon ?? 'circle-dashed'} /> {known?.label ?? outcome}
    </span>
  );
}
