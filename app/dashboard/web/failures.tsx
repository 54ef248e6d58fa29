import type { RunDetails } from './api.ts';

/** The failed tests, before anything else: they are why somebody is here. */
export function Failures({ run }: { run: RunDetails }) {
  const { tests, failures } = run;
  if (tests === null) return null;
  return (
    <section aria-labelledby="tests">
      <h2 id="tests">Tests</h2>
      <p class="totals">
        <span class="good">✓ {tests.passed} passed</span> <span class="bad">✗ {tests.failed} failed</span>{' '}
        <span class="quiet">↷ {tests.skipped} skipped</span>
      </p>
      {failures.map((failure, index) => (
        <details key={`${failure.group} ${failure.name} ${index}`} class="failure" open={index < 3}>
          <summary>
            <strong>{failure.name}</strong> <span class="quiet">{failure.group}</span>
          </summary>
          {failure.file !== null && (
            <p>
              <code>
                {failure.file}
                {failure.line === null ? '' : `:${failure.line}`}
              </code>
            </p>
          )}
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
          <pre tabIndex={0}>{failure.details ?? failure.message}</pre>
        </details>
      ))}
      {tests.failed > failures.length && (
        <p class="quiet">{tests.failed - failures.length} more failed: the report has them all.</p>
      )}
    </section>
  );
}
