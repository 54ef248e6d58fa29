import type { RunComparison, RunDetails, TestName } from './api.ts';

/** The failed tests, before anything else: they are why somebody is here. Those that are new come first. */
export function Failures({ run, comparison }: { run: RunDetails; comparison: RunComparison | undefined }) {
  const { tests } = run;
  if (tests === null) return null;
  const base = comparison?.base?.tests;
  const isOld = (test: TestName): boolean =>
    base?.still_failing.some((other) => isSame(test, other)) ?? false;
  const isNew = (test: TestName): boolean =>
    base?.newly_failing.some((other) => isSame(test, other)) ?? false;
  return (
    <section aria-labelledby="tests">
      <h2 id="tests">Tests</h2>
      <p class="totals">
        <span class={tests.failed > 0 ? 'bad' : 'quiet'}>✗ {tests.failed} failed</span>{' '}
        <span class="good">✓ {tests.passed} passed</span> <span class="quiet">↷ {tests.skipped} skipped</span>
      </p>
      {run.failures.map((failure, index) => (
        <details key={`${failure.group} ${failure.name} ${index}`} class="failure" open={index < 3}>
          <summary>
            <strong>{failure.name}</strong> <span class="quiet">{failure.group}</span>
            {isNew(failure) && <span class="tag">new on this branch</span>}
            {isOld(failure) && <span class="tag">fails on {comparison?.base_branch} too</span>}
          </summary>
          <p>
            {failure.file !== null && (
              <code>
                {failure.file}
                {failure.line === null ? '' : `:${failure.line}`}
              </code>
            )}{' '}
            <a href={historyOf(run, failure)}>History of this test</a>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
          <pre tabIndex={0}>{failure.details ?? failure.message}</pre>
        </details>
      ))}
      {tests.failed > run.failures.length && (
        <p class="quiet">{tests.failed - run.failures.length} more failed: the report has them all.</p>
      )}
    </section>
  );
}

function isSame(one: TestName, other: TestName): boolean {
  return one.group === other.group && one.name === other.name;
}

function historyOf(run: RunDetails, { group, name }: TestName): string {
  return `/tests/history?${new URLSearchParams({ project: run.project_id, suite: run.suite, group, name })}`;
}
