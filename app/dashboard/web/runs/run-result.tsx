import { numberText } from '../../../lib/format.ts';
import type { RunDetails } from '../lib/api.ts';
import { counted } from '../lib/format.ts';
import { Sentences } from '../ui/sentences.tsx';
import { isActive } from '../ui/state-badge.tsx';
import { summaryOf } from './summary-of.ts';

/** Shows the totals of the tests. A run without test results says it where its cause is. */
export function RunResult({ run }: { run: RunDetails }) {
  if (run.waiting?.reason === 'line' || run.waiting?.reason === 'turn') {
    return (
      <p class="summary">
        <Sentences text={summaryOf(run)} />{' '}
        <a href={`/stacks?${new URLSearchParams({ project: run.project_id })}`}>Show the stacks</a>
      </p>
    );
  }
  if (run.state === 'succeeded' || isActive(run))
    return (
      <p class="summary">
        <Sentences text={summaryOf(run)} />
      </p>
    );
  const { tests } = run;
  if (tests === null || tests.total === 0) return null;
  const { failed, passed, skipped, flaky = 0, earlier } = tests;
  const parts = [
    failed > 0 && <span class="bad">{counted(failed, 'test')} failed</span>,
    <span class="good">{failed > 0 ? numberText(passed) : counted(passed, 'test')} passed</span>,
    skipped > 0 && <span class="neutral">{numberText(skipped)} skipped</span>,
    flaky > 0 && <span class="warn">{numberText(flaky)} flaky</span>,
    earlier !== undefined && <span class="neutral">{numberText(earlier)} from the previous attempt</span>,
  ].filter((part) => part !== false);
  return (
    <p class="summary totals">{parts.flatMap((part, index) => (index === 0 ? [part] : [', ', part]))}</p>
  );
}
