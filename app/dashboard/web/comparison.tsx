import type { ApiError, ComparedWith, RunComparison, TestName } from './api.ts';
import { duration, shortSha } from './format.ts';
import { Problem } from './problem.tsx';

/**
 * What the branch changed: beside the last green run of the base branch, and, for what was mended, beside the run
 * before. It has its room before it is known, so that nothing moves when it comes.
 */
export function Comparison({
  comparison,
  error,
}: {
  comparison: RunComparison | undefined;
  error: ApiError | undefined;
}) {
  return (
    <section aria-labelledby="comparison" class="comparison">
      <h2 id="comparison">Beside the last green run of {comparison?.base_branch ?? 'the base branch'}</h2>
      <Problem error={error} />
      {comparison === undefined ? (
        <div class="tiles" aria-busy={error === undefined} />
      ) : (
        <Tiles comparison={comparison} />
      )}
    </section>
  );
}

function Tiles({
  comparison: { base, base_branch, previous, duration_seconds },
}: {
  comparison: RunComparison;
}) {
  const fixed = previous?.tests?.fixed ?? [];
  if (base === null) {
    return (
      <div class="tiles">
        <p class="quiet">
          No run of {base_branch} with this suite was green before this one.
          {fixed.length > 0 && ` ${fixed.length} tests that failed in the run before pass now.`}
        </p>
      </div>
    );
  }
  return (
    <div class="tiles">
      <Tile label="newly failing" tone="bad" tests={base.tests?.newly_failing} />
      <Tile
        label="fixed since the run before"
        tone="good"
        tests={previous === null ? [] : previous.tests?.fixed}
      />
      <Tile
        label="slower tests"
        tone="warn"
        tests={base.tests?.slower}
        detail={(test) => `${seconds(test.before_seconds)} → ${seconds(test.duration_seconds)}`}
      />
      <p class="tile">
        <strong>{changeOf(duration_seconds, base.duration_seconds)}</strong> time taken{' '}
        <span class="quiet">
          beside <Run of={base} />
          {base.tests !== null && base.tests.added + base.tests.removed > 0 && (
            <>
              , {base.tests.added} tests added, {base.tests.removed} gone
            </>
          )}
        </span>
      </p>
    </div>
  );
}

function Tile<Test extends TestName>({
  label,
  tone,
  tests,
  detail,
}: {
  label: string;
  tone: string;
  tests: readonly Test[] | undefined;
  detail?: (test: Test) => string;
}) {
  if (tests === undefined || tests.length === 0) {
    return (
      <p class="tile">
        <strong>{tests === undefined ? '–' : 0}</strong> {label}
        {tests === undefined && <span class="quiet"> (no list of tests)</span>}
      </p>
    );
  }
  return (
    <details class="tile">
      <summary>
        <strong class={tone}>{tests.length}</strong> {label}
      </summary>
      <ul>
        {tests.map((test) => (
          <li key={`${test.group} ${test.name}`}>
            {test.name} <span class="quiet">{detail?.(test) ?? test.group}</span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Run({ of }: { of: ComparedWith }) {
  return (
    <a href={`/runs/${of.workflow_id}`}>
      <code>{shortSha(of.sha) || of.branch}</code>
    </a>
  );
}

function seconds(value: number): string {
  return duration(value * 1000);
}

function changeOf(now: number | null, before: number | null): string {
  if (now === null || before === null) return '–';
  return `${now < before ? '−' : '+'}${seconds(Math.abs(now - before))}`;
}
