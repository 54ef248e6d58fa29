import { isBuildFailure } from '../../../app/core/model/build-failure.ts';
import { describeExit } from '../../../app/core/model/describe-exit.ts';
import type { Job } from '../../../app/core/model/job.ts';
import type { TestTotals } from '../../../app/core/model/test-results.ts';
import { counted, numberText } from '../../../app/lib/format.ts';
import type { TestFindings } from '../results/collect-tests.ts';
import type { SuiteEnd } from '../suite-end.ts';

/** @returns the outcome of the run in one sentence */
export function outcomeSentence(
  end: SuiteEnd,
  { totals, failures }: Pick<TestFindings, 'totals' | 'failures'>,
  limits: Job['limits'],
): string {
  const how = describeExit({ ...end, memoryMib: limits.memoryMib });
  switch (end.outcome) {
    case 'succeeded':
      return totals === undefined ? 'The command succeeded.' : `${counts(totals)}.`;
    case 'failed':
      if (isBuildFailure(failures)) return `The build failed, so the tests did not run. ${how}`;
      return totals === undefined || totals.failed === 0
        ? `The command failed. ${how}`
        : `${counts(totals)}. ${how}`;
    case 'timed_out':
      return `The run was ended at its time limit of ${limits.timeoutSeconds} s. ${end.error?.message ?? ''}`.trim();
    case 'cancelled':
      return 'The run was canceled.';
    case 'errored':
      return end.error?.message ?? 'The run failed without a reason.';
  }
}

function counts({ total, failed, skipped, flaky = 0, earlier = 0 }: TestTotals): string {
  const parts = [
    failed > 0
      ? `${numberText(failed)} of ${counted(total, 'test')} failed`
      : `${counted(total - skipped, 'test')} passed`,
    ...(skipped > 0 ? [`${numberText(skipped)} skipped`] : []),
    ...(flaky > 0 ? [`${numberText(flaky)} flaky`] : []),
    ...(earlier > 0 ? [`${numberText(earlier)} of the results from an earlier run of this commit`] : []),
  ];
  return parts.join(', ');
}
