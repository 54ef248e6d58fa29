import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { buildGroup } from '../../../app/core/model/build-failure.ts';
import type { Job } from '../../../app/core/model/job.ts';
import { isPosixShell, rerunMistake, rerunPlaceholder } from '../../../app/core/model/rerun.ts';
import { type TestCase, testCasesSchema } from '../../../app/core/model/test-results.ts';
import { shellWord } from '../../../app/lib/shell-word.ts';
import { httpRequest, readBody } from '../http/http-request.ts';
import { bailOut, missingTests } from '../results/lines/tap-reader.ts';
import { errorText } from '../runner-error.ts';
import { findTool } from './find-tool.ts';
import type { EarlierResults } from './merge-earlier.ts';
import { type FailedTest, fullName } from './name-patterns.ts';
import { selectTests } from './select-tests.ts';
import { stopsEarly } from './stops-early.ts';
import { helperEnv } from './tool-helpers.ts';

/** How the failed tests of an earlier run are run. */
export interface RerunPlan {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly earlier: EarlierResults;
}

export interface PlanOptions {
  readonly checkout: string;
  /** Where the command runs, relative to the checkout. */
  readonly directory: string;
  /** The commit of the checkout. */
  readonly sha: string;
  readonly env: Readonly<Record<string, string>>;
  /** A directory that the command can read. */
  readonly temporary: string;
  readonly signal: AbortSignal;
}

export type Rerun = NonNullable<Job['rerun']>;

const maxTestsBytes = 64 * 1024 * 1024;
/** Linux allows 128 KiB in one argument of a program, and the command is one. */
const maxCommandBytes = 100_000;

/** @returns the plan, or why the whole suite has to run. */
export async function planRerun(job: Job, rerun: Rerun, options: PlanOptions): Promise<RerunPlan | string> {
  if (rerun.sha !== options.sha) return 'the earlier run tested another commit';
  if (!isPosixShell(job.shell)) return 'arguments can be quoted only for bash and sh';
  let cases: readonly TestCase[];
  try {
    cases = await readEarlier(rerun, options.signal);
  } catch (error) {
    return `the list of tests of the earlier run could not be read (${errorText(error)})`;
  }
  const tests = cases.filter(({ outcome }) => outcome === 'failed');
  if (tests.length !== rerun.totals.failed) return 'the earlier run does not name each failed test';
  if (tests.some(isNoTest)) return 'a file of tests or a hook failed, so some tests did not run';
  const change = await changedCommand(job, rerun, tests, options);
  if (typeof change === 'string') return change;
  if (Buffer.byteLength(change.command) > maxCommandBytes)
    return 'the names of the failed tests are too long';
  return { ...change, earlier: { totals: rerun.totals, cases } };
}

async function readEarlier({ testsUrl, of }: Rerun, signal: AbortSignal): Promise<readonly TestCase[]> {
  const text = testsUrl.startsWith('file:')
    ? await readFile(fileURLToPath(testsUrl), 'utf8')
    : await httpRequest({ method: 'GET', url: testsUrl, signal }, async (response) =>
        (await readBody(response, maxTestsBytes)).toString('utf8'),
      );
  const document = testCasesSchema.parse(JSON.parse(text));
  if (document.runId !== of) throw new Error('It belongs to another run.');
  return document.cases;
}

/** A failure in place of tests that did not run: a file that does not load, a package that does not build, a hook. */
function isNoTest({ name, group }: TestCase): boolean {
  const isHook = /(?:^|\s)"(?:before|after)(?: each| all)?" hook/.test(name);
  const isEndOfTap = group === '' && (name === bailOut || name === missingTests);
  const isFile = /^\S+\/?\S*\.[cm]?[jt]sx?$/.test(name);
  return (
    group === buildGroup ||
    isHook ||
    isEndOfTap ||
    isFile ||
    (name === group && /[/.]/.test(name) && !name.includes(' '))
  );
}

async function changedCommand(
  job: Job,
  { command: template }: Rerun,
  tests: readonly TestCase[],
  options: PlanOptions,
): Promise<Omit<RerunPlan, 'earlier'> | string> {
  if (template !== undefined) return fromTemplate(template, tests);
  const { checkout, directory, env } = options;
  const tool = await findTool(job.command, { checkout, directory });
  if (tool === undefined)
    return 'Berth does not know how its command selects tests. Set `rerun` in the settings';
  if (await stopsEarly(tool, checkout, env))
    return `${tool.name} stops at a failure, so the earlier run has no result of the other tests`;
  const selection = selectTests(tool, { command: job.command, tests });
  if (selection === undefined)
    return `${tool.name} cannot select these tests with the options of the command`;
  const { helper } = selection;
  const helped =
    helper === undefined ? {} : await helperEnv(helper, { temporary: options.temporary, tests, env });
  return helped === undefined ? `${helper} is not installed` : { command: selection.command, env: helped };
}

function fromTemplate(template: string, tests: readonly FailedTest[]): Omit<RerunPlan, 'earlier'> | string {
  // Checked again: without it, a name could become a command.
  const mistake = rerunMistake(template);
  if (mistake !== undefined) return `\`rerun\` ${mistake}`;
  const files = tests.flatMap(({ file }) => file ?? []);
  if (template.includes('{files}') && files.length !== tests.length)
    return 'the file of a failed test is not known';
  const words = {
    tests: tests.map((test) => fullName(test)),
    files,
  };
  const listed = (of: readonly string[]) => [...new Set(of)].map(shellWord).join(' ');
  const command = template.replace(rerunPlaceholder, (_, of: 'tests' | 'files') => listed(words[of]));
  return { command, env: {} };
}
