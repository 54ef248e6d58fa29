import type { TestTotals } from '../../../app/core/model/job.ts';
import type { SuiteEnd } from '../run-suite.ts';

/**
 * @returns what became of the run, in a sentence for a reader who knows nothing of it.
 */
export function outcomeSentence(
  end: SuiteEnd,
  totals: TestTotals | undefined,
  timeoutSeconds: number,
): string {
  const how = end.signal === undefined ? `exit code ${end.exitCode}` : `signal ${end.signal}`;
  switch (end.outcome) {
    case 'succeeded':
      return totals === undefined ? 'The command succeeded.' : `${counts(totals)}.`;
    case 'failed':
      return totals === undefined || totals.failed === 0
        ? `The command failed with ${how}.`
        : `${counts(totals)}; the command ended with ${how}.`;
    case 'timed_out':
      return `The run was ended at its time limit of ${timeoutSeconds} s. ${end.error?.message ?? ''}`.trim();
    case 'cancelled':
      return 'The run was cancelled.';
    case 'errored':
      return end.error?.message ?? 'The run could not be carried out.';
  }
}

function counts({ total, failed, skipped }: TestTotals): string {
  const parts = [
    failed > 0 ? `${number(failed)} of ${plural(total)} failed` : `${plural(total - skipped)} passed`,
    ...(skipped > 0 ? [`${number(skipped)} skipped`] : []),
  ];
  return parts.join(', ');
}

function plural(count: number): string {
  return count === 1 ? '1 test' : `${number(count)} tests`;
}

function number(count: number): string {
  return count.toLocaleString('en');
}
