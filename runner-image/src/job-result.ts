import type { Commit, Job, JobResult } from '../../app/core/model/job.ts';
import { cutText } from '../../app/lib/cut-text.ts';
import { omitUndefined } from '../../app/lib/omit-undefined.ts';
import type { RunLog } from './output/run-log.ts';
import type { TextMask } from './output/secret-masker.ts';
import type { Findings, SuiteEnd } from './suite-end.ts';

export interface JobResultDeps {
  readonly phases: JobResult['phases'];
  readonly log: RunLog;
  readonly mask: TextMask;
}

/** Maximum number of warnings in a result. */
const maxWarnings = 50;
const logLines = { count: 100, maxCharacters: 2_000 };

/** @returns the document that reports the end of the run to the server */
export function jobResult(job: Job, end: SuiteEnd, findings: Findings, deps: JobResultDeps): JobResult {
  const { tests, peakMemoryMib, outputs } = findings;
  return {
    version: 1,
    runId: job.runId,
    outcome: end.outcome,
    exitCode: end.exitCode,
    ...omitUndefined({
      launch: job.launch,
      signal: end.signal,
      error: end.error && { code: end.error.code, message: deps.mask(end.error.message) },
      sha: end.sha,
      commit: end.commit && maskedCommit(end.commit, deps.mask),
      tests: tests.totals,
      passedOnRetry: tests.passedOnRetry?.length ? [...tests.passedOnRetry] : undefined,
      outputs: outputs && { ...outputs },
      peakMemoryMib,
      servicesDown: end.servicesDown && [...end.servicesDown],
    }),
    phases: deps.phases,
    failures: [...tests.failures],
    slowest: [...tests.slowest],
    warnings: findings.warnings
      .slice(0, maxWarnings)
      .map(({ code, message }) => ({ code, message: deps.mask(message) })),
    artifacts: [...findings.artifacts],
    logTail: deps.log.tail.lines(logLines),
  };
}

/** Commit messages hold a secret now and then. */
export function maskedCommit({ message, author }: Commit, mask: TextMask): Commit {
  return {
    message: cutText(mask(message), 200),
    ...(author === undefined ? {} : { author: cutText(mask(author), 100) }),
  };
}
