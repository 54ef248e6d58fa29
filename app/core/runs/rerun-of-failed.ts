import { escapePattern } from '../../lib/escape-pattern.ts';
import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { StoreDeps } from '../deps.ts';
import type { JobInput } from '../model/job.ts';
import { mostSelectedTests } from '../model/rerun.ts';
import type { Run } from '../model/run.ts';
import { runObjectKey } from '../model/run-keys.ts';
import { type TestTotals, unfinishedTest } from '../model/test-results.ts';

type RerunDeps = StoreDeps & { readonly grantRead: (key: string) => Promise<string> };
type Part = Pick<JobInput, 'rerun' | 'notices'>;

/** Warnings of a run whose list of tests may lack some. */
const incomplete: ReadonlySet<string> = new Set([
  'tests_cut',
  'junit_incomplete',
  'junit_malformed',
  'upload_failed',
  'report_incomplete',
  'not_gathered',
  'log_cut',
]);

/** Lines that tools print when they end before their last test, or fail for more than their tests. */
const endedEarly = new RegExp(
  [
    String.raw`\b(?:panic|fatal error): `,
    `${escapePattern(unfinishedTest)}$`,
    'signal: (?:killed|aborted)',
    // Pytest, and plugins of it: `!!! Interrupted: 1 error during collection !!!`.
    String.raw`!!! \S.* !!!`,
    'Fatal Python error: ',
    'INTERNALERROR',
    'Testing stopped early',
    String.raw`\bdid not run\b`,
    String.raw`\bCancell?ing due to\b`,
    String.raw`\btests? not run due to\b`,
    String.raw`Unhandled (?:Errors?|Rejections?)\b`,
    'Bail out!',
    'occurred outside of examples',
    // A module of Maven that comes after one that failed, a process of surefire that died, and steps before the tests.
    String.raw`INFO\b.*SKIPPED`,
    'The forked VM terminated',
    String.raw`Failed to execute goal (?!\S*:maven-(?:surefire|failsafe)-plugin:)`,
    // A step of Gradle that is no test.
    String.raw`Execution failed for task '(?!\S*[tT]est')`,
  ].join('|'),
  'm',
);

/**
 * The part of the job document of a run that tests only what failed in the run before it. The rule of the selection:
 * results are reused only for the same commit, and only if the earlier run has the result of every test.
 *
 * @returns a notice that says why, where the whole suite runs.
 */
export async function rerunOfFailed(deps: RerunDeps, run: Run): Promise<Part> {
  if (run.failedOnly !== true || run.retryOf === undefined) return {};
  const earlier = await deps.store.runs.get(run.retryOf);
  const found = earlier === undefined ? 'the earlier run was deleted' : usable(run, earlier);
  if (typeof found === 'string') return { notices: [wholeSuite(found)] };
  const testsUrl = await deps.grantRead(runObjectKey(run.retryOf, 'tests.json'));
  return { rerun: { of: run.retryOf, ...found, testsUrl, ...omitUndefined({ command: run.spec.rerun }) } };
}

/** A notice for the log and the check. */
function wholeSuite(reason: string): { code: string; message: string } {
  return { code: 'whole_suite', message: `The whole suite runs, not only its failed tests: ${reason}.` };
}

/** @returns the commit and the results to build on, or why there are none. */
function usable(run: Run, earlier: Run): { sha: string; totals: TestTotals } | string {
  const { sha, outcome, spec } = earlier;
  if (earlier.state !== 'failed' || outcome === undefined) return 'the earlier run did not finish its tests';
  if (earlier.projectId !== run.projectId || sha === undefined || sha !== run.sha)
    return 'the earlier run tested another commit';
  const isSameWork =
    spec.suite === run.spec.suite &&
    spec.command === run.spec.command &&
    spec.untrusted === run.spec.untrusted;
  if (!isSameWork) return 'the earlier run had another command';
  const { tests: totals } = outcome;
  if (totals === undefined || totals.total === 0) return 'the earlier run reported no tests';
  if (totals.failed === 0) return 'the command failed, and no test';
  if (totals.failed > mostSelectedTests) return `more than ${mostSelectedTests} tests failed`;
  if (outcome.warnings.some(({ code }) => incomplete.has(code)))
    return 'the list of tests of the earlier run is incomplete';
  const texts = outcome.failures.flatMap(({ message, details = '' }) => [message, details]);
  return [outcome.logTail.join('\n'), ...texts].some((text) => endedEarly.test(text))
    ? 'the earlier run ended before its last test'
    : { sha, totals };
}
