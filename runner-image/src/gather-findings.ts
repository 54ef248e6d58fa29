import type { Job, JobResult } from '../../app/core/model/job.ts';
import { omitUndefined } from '../../app/lib/omit-undefined.ts';
import { readCgroup } from './limits/cgroup.ts';
import type { RunLog } from './output/run-log.ts';
import type { TextMask } from './output/secret-masker.ts';
import { noTests, readCheckout } from './read-checkout.ts';
import type { ReportPage } from './report/build-report.ts';
import type { TestFindings } from './results/collect-tests.ts';
import type { RunPhases } from './run-phases.ts';
import { errorText } from './runner-error.ts';
import type { Findings, SuiteEnd } from './suite-end.ts';
import type { Workspace } from './workspace.ts';

type Warning = JobResult['warnings'][number];

export interface GatherDeps {
  readonly workspace: Workspace;
  readonly log: RunLog;
  readonly phases: RunPhases;
  readonly page: ReportPage;
  readonly mask: TextMask;
  readonly now: () => Date;
}

/** @param reason why there are no findings */
export function noFindings(reason: string): Findings {
  return { tests: noTests, artifacts: [], warnings: [{ code: 'not_gathered', message: reason }] };
}

/** Reads test results and artifacts, and writes the report. Never throws: a failure becomes a warning. */
export async function gatherFindings(job: Job, end: SuiteEnd, deps: GatherDeps): Promise<Findings> {
  const warnings: Warning[] = [];

  function orWarn<T>(what: string, work: Promise<T>, otherwise: T): Promise<T> {
    return work.catch((error: unknown) => {
      warnings.push({
        code: 'report_incomplete',
        message: `${what} could not be read: ${errorText(error)}.`,
      });
      return otherwise;
    });
  }

  const { tests: read, found } = await readCheckout(job, end, { ...deps, orWarn });
  const tests = end.tests ?? read;
  const { readOutputs } = await import('./results/read-outputs.ts');
  const outputs = await orWarn('The outputs', readOutputs(deps.workspace.output, deps.mask), {
    values: {},
    warnings: [],
  });
  const cgroup = readCgroup();
  warnings.push(
    ...(end.warnings ?? []),
    ...outputs.warnings,
    ...tests.warnings,
    ...found.warnings,
    ...contradictions(end, tests),
  );
  const isOwnGroup = cgroup.memoryLimitMib !== undefined && cgroup.memoryPeakMib !== undefined;
  const findings = omitUndefined({
    tests,
    artifacts: found.artifacts,
    warnings,
    outputs: Object.keys(outputs.values).length === 0 ? undefined : outputs.values,
    peakMemoryMib: isOwnGroup ? cgroup.memoryPeakMib : undefined,
  });
  const report = await orWarn('The report', writeReport(job, end, { findings, cgroup, ...deps }), undefined);
  return { ...findings, ...omitUndefined({ report }) };
}

/** Imports on demand, as `readCheckout` does. */
async function writeReport(...args: Parameters<typeof import('./report/write-report.ts').writeReport>) {
  const report = await import('./report/write-report.ts');
  return report.writeReport(...args);
}

/** The command's exit code decides the outcome. Results that contradict it are a warning. */
function contradictions(end: SuiteEnd, { totals }: TestFindings): Warning[] {
  if (end.outcome !== 'succeeded' || totals === undefined || totals.failed === 0) return [];
  return [
    {
      code: 'failed_tests_ignored',
      message: `The command ended with exit code 0, although ${totals.failed === 1 ? '1 test' : `${totals.failed} tests`} failed. Check that it passes on the exit code of the tests.`,
    },
  ];
}
