import { numberText } from '../../../lib/format.ts';
import type { ComparedWith, RunComparison, TestName } from '../lib/api.ts';
import { counted, duration, shortSha } from '../lib/format.ts';

/** Smaller changes in duration are noise. */
const minChangeSeconds = 2;
const minChangeShare = 0.1;

/** The changes of the branch since the last passing run on the base branch. Shown only if there is a difference. */
export function Comparison({
  comparison: compared,
  succeeded,
}: {
  comparison: RunComparison | undefined;
  /** The duration of a run that stopped early says nothing. */
  succeeded: boolean;
}) {
  if (compared === undefined) return null;
  const comparison = succeeded ? compared : { ...compared, duration_seconds: null };
  if (!saysSomething(comparison)) return null;
  const { base, base_branch, previous, duration_seconds } = comparison;
  return (
    <section aria-labelledby="comparison" class="comparison">
      <div class="section-head">
        <h2 id="comparison">
          {base === null
            ? 'Compared with the previous run on this branch'
            : `Compared with the last passing run on ${base_branch}`}
        </h2>
        <ComparedRun run={base ?? previous} />
      </div>
      <div class="tiles">
        <Tile label="newly failing" tone="bad" tests={base?.tests?.newly_failing} />
        <Tile label="fixed since the previous run" tone="good" tests={previous?.tests?.fixed} />
        <Tile
          label="slower"
          tone="warn"
          tests={base?.tests?.slower}
          detail={(test) => `${seconds(test.before_seconds)} → ${seconds(test.duration_seconds)}`}
        />
        {base !== null && <Changes base={base} now={duration_seconds} />}
      </div>
    </section>
  );
}

/** Tells whether a comparison has any difference to report. */
function saysSomething({ base, previous, duration_seconds }: RunComparison): boolean {
  const tests = base?.tests;
  const lists = [tests?.newly_failing, tests?.slower, previous?.tests?.fixed];
  return (
    lists.some((list) => list !== undefined && list.length > 0) ||
    (tests?.added ?? 0) + (tests?.removed ?? 0) > 0 ||
    (base !== null && isChange(duration_seconds, base.duration_seconds))
  );
}

function isChange(now: number | null, before: number | null): boolean {
  if (now === null || before === null) return false;
  const change = Math.abs(now - before);
  return change >= minChangeSeconds && change >= minChangeShare * before;
}

/** How the duration and the number of tests changed. */
function Changes({ base, now }: { base: ComparedWith; now: number | null }) {
  const { tests, duration_seconds: before } = base;
  const changes = [
    ...(now !== null && before !== null && isChange(now, before)
      ? [`${seconds(Math.abs(now - before))} ${now < before ? 'faster' : 'slower'}`]
      : []),
    ...(tests !== null && tests.added > 0 ? [`${counted(tests.added, 'test')} added`] : []),
    ...(tests !== null && tests.removed > 0 ? [`${counted(tests.removed, 'test')} removed`] : []),
  ];
  return changes.length === 0 ? null : (
    <p class="tile">
      <strong>{changes.join(', ')}</strong>
    </p>
  );
}

function ComparedRun({ run }: { run: ComparedWith | null }) {
  return run === null ? null : (
    <a href={`/runs/${run.workflow_id}`}>
      <code>{shortSha(run.sha) || run.branch}</code>
    </a>
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
  if (tests === undefined || tests.length === 0) return null;
  return (
    <details class="tile">
      <summary>
        <strong class={tone}>{numberText(tests.length)}</strong> {label}
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

function seconds(value: number): string {
  return duration(value * 1000);
}
