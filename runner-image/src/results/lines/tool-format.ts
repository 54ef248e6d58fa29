import { type CaseDraft, draftCase } from '../result-case.ts';
import type { LineFindings, LineReader, TestCounts } from './line-reader.ts';

/** One test, as a line of the output names it. */
export interface NamedTest {
  readonly name: string;
  readonly group?: string | undefined;
  readonly outcome?: CaseDraft['outcome'];
  readonly seconds?: number | undefined;
  readonly file?: string | undefined;
  readonly line?: number | undefined;
  readonly message?: string | undefined;
  readonly flaky?: boolean | undefined;
}

/** How a test tool prints its results. */
export interface ToolFormat {
  readonly tool: string;
  /** Creates the readers of one output, which may remember earlier lines. */
  readonly create: () => ToolLines;
}

export interface ToolLines {
  /** Parses a line that is the result of one test. */
  test?(line: string): NamedTest | undefined;
  /** Position of a failed test's output, relative to the line with its result. */
  readonly output?: 'before' | 'after';
  /** With `output: 'before'`: whether the output of a test begins after the line. */
  begins?(line: string): boolean;
  /** Parses a line that begins the description of a failed test. */
  failure?(line: string): NamedTest | undefined;
  /** Parses a line that continues the name of the failed test. `end`: the name is complete. */
  title?(line: string): { readonly text: string; readonly end: boolean } | undefined;
  /** Whether a line ends the description of a failed test. */
  stop?(line: string): boolean;
  /** Parses a part of the summary. The parts are added up. */
  summary(line: string): Partial<Record<'total' | 'passed' | 'failed' | 'skipped', number>> | undefined;
}

const maxTests = 100_000;
const maxFailures = 500;
const maxDescriptionCharacters = 8_000;

interface OpenFailure {
  readonly draft: CaseDraft;
  isTitleOpen: boolean;
}

/** Reads the output of a tool by its format. Only an output with the tool's own summary counts. */
export function createToolReader({ tool, create }: ToolFormat): LineReader {
  const lines = create();
  const tests: CaseDraft[] = [];
  const failures: CaseDraft[] = [];
  const sums = { total: 0, passed: 0, failed: 0, skipped: 0 };
  let hasSummary = false;
  let hasTotal = false;
  let open: OpenFailure | undefined;
  let before = '';

  function summarize(line: string): boolean {
    const part = lines.summary(line);
    if (part === undefined) return false;
    hasSummary = true;
    hasTotal ||= part.total !== undefined;
    for (const name of ['total', 'passed', 'failed', 'skipped'] as const) sums[name] += part[name] ?? 0;
    open = undefined;
    return true;
  }

  function describe(line: string): void {
    if (open === undefined) return;
    const title = open.isTitleOpen ? lines.title?.(line) : undefined;
    if (title !== undefined) {
      open.draft.name = `${open.draft.name} ${title.text}`;
      open.isTitleOpen = !title.end;
    } else {
      open.isTitleOpen = false;
      const into = lines.output === 'after' ? 'output' : 'trace';
      if (open.draft[into].length < maxDescriptionCharacters) open.draft[into] += `${line}\n`;
    }
  }

  function addTest(draft: CaseDraft): void {
    tests.push(draft);
    if (lines.output === undefined) return;
    open = undefined;
    if (draft.outcome !== 'failed') return;
    if (lines.output === 'before') draft.output = before;
    else open = { draft, isTitleOpen: false };
  }

  function gather(line: string): void {
    if (lines.output !== 'before') return;
    if (lines.begins?.(line) === true) before = '';
    else if (before.length < maxDescriptionCharacters) before += `${line}\n`;
  }

  return {
    line(line) {
      if (summarize(line)) return;
      const failure = lines.failure?.(line);
      if (failure !== undefined) {
        open = { draft: draftOf({ ...failure, outcome: 'failed' }), isTitleOpen: lines.title !== undefined };
        if (failures.length < maxFailures) failures.push(open.draft);
        return;
      }
      if (lines.stop?.(line) === true) open = undefined;
      const test = lines.test?.(line);
      if (test === undefined) describe(line);
      else if (tests.length < maxTests) addTest(draftOf(test));
      gather(line);
    },
    end() {
      if (!hasSummary) return undefined;
      const total = hasTotal ? sums.total : sums.passed + sums.failed + sums.skipped;
      const counts = { total, failed: sums.failed, skipped: sums.skipped };
      return findingsOf(tool, tests, distinct(failures), counts);
    },
  };
}

function draftOf(test: NamedTest): CaseDraft {
  const { name, group = '', outcome, seconds = 0, file, line, message, flaky = false } = test;
  return { ...draftCase(name, group, outcome), durationSeconds: seconds, file, line, message, flaky };
}

/** Uses the listed tests if they match the summary, otherwise only the failed tests. */
function findingsOf(
  tool: string,
  tests: readonly CaseDraft[],
  failures: readonly CaseDraft[],
  counts: TestCounts,
): LineFindings {
  const failed = tests.filter(({ outcome }) => outcome === 'failed');
  if (tests.length !== counts.total || failed.length !== counts.failed) {
    return { tool, drafts: failures.length > 0 ? failures : failed, counts };
  }
  const described = new Map(
    failed.map((test, place) => [test, descriptionOf(test, place, failed, failures)]),
  );
  const drafts = tests.map((test) => {
    const description = described.get(test);
    if (description === undefined || test.output !== '') return test;
    const { name, trace, message, file, line } = description;
    return {
      ...test,
      // ava writes the message of the assertion after the name.
      name: test.name.startsWith(`${name} `) ? name : test.name,
      trace,
      message: message ?? test.message,
      file: file ?? test.file,
      line: line ?? test.line,
    };
  });
  return { tool, drafts };
}

function descriptionOf(
  test: CaseDraft,
  place: number,
  failed: readonly CaseDraft[],
  failures: readonly CaseDraft[],
): CaseDraft | undefined {
  const named = failures.filter(({ name }) => name === test.name || name.endsWith(` ${test.name}`));
  if (named.length === 1) return named[0];
  return failures.length === failed.length ? failures[place] : named[0];
}

/** Some tools repeat all failures at the end. */
function distinct(failures: readonly CaseDraft[]): CaseDraft[] {
  return [
    ...new Map(failures.toReversed().map((each) => [`${each.group}\n${each.name}`, each])).values(),
  ].reverse();
}
