import type { Job, JobResult } from '../../../app/core/model/job.ts';
import type { TestFindings } from '../results/collect-tests.ts';
import type { CommandsEnd } from '../suite-end.ts';
import { mergeEarlier } from './merge-earlier.ts';
import { type PlanOptions, planRerun, type Rerun } from './plan-rerun.ts';

export interface RerunDeps extends PlanOptions {
  readonly say: (line: string) => void;
  /** Runs a command in place of that of the suite. */
  readonly run: (command: string, env: Readonly<Record<string, string>>) => Promise<CommandsEnd>;
  /** Reads the results of that command. */
  readonly read: (end: CommandsEnd) => Promise<TestFindings>;
}

/**
 * Runs only the tests that failed in an earlier run, and merges their results into those of that run.
 *
 * A selected run counts only if each failed test has a result now, and if the command succeeded or a test failed. Anything
 * else, such as a pattern that matches nothing, says nothing about the tests.
 *
 * @returns the end of the run with all results, or the warning with which the whole suite has to run.
 */
export async function runFailedTests(
  job: Job,
  rerun: Rerun,
  deps: RerunDeps,
): Promise<CommandsEnd | { readonly wholeSuite: JobResult['warnings'][number] }> {
  const plan = await planRerun(job, rerun, deps);
  if (typeof plan === 'string') return wholeSuite(plan, deps);
  const { failed, total } = rerun.totals;
  const tests = failed === 1 ? '1 failed test' : `${failed} failed tests`;
  deps.say(`Retesting ${tests} of ${total}: ${plan.command.slice(0, 1_000)}`);
  const end = await deps.run(plan.command, plan.env);
  if (end.outcome !== 'succeeded' && end.outcome !== 'failed') return end;
  const found = await deps.read(end);
  const merged = mergeEarlier(plan.earlier, found);
  if (typeof merged === 'string') return wholeSuite(`${merged} in the selected run`, deps);
  if (end.outcome === 'failed' && merged.totals?.failed === 0)
    return wholeSuite('the selected tests passed, and the command failed', deps);
  return { ...end, tests: merged };
}

function wholeSuite(reason: string, { say }: Pick<RerunDeps, 'say'>) {
  const message = `The whole suite runs, not only its failed tests: ${reason}.`;
  say(`Warning: ${message}`);
  return { wholeSuite: { code: 'whole_suite', message } };
}
