import { omitUndefined } from '../../../../app/lib/omit-undefined.ts';
import { type CaseDraft, draftCase } from '../result-case.ts';
import type { LineFindings, LineReader, TestCounts } from './line-reader.ts';
import { type CreateFormat, matcherOf, type NamedTest, readsOf, sumsOf, testOf } from './tool-format.ts';

const maxTests = 100_000;
const maxFailures = 500;
const maxDescriptionCharacters = 8_000;

/** Reads the output of a tool by its format. Only an output with the tool's own summary counts. */
export function createToolReader(from: CreateFormat): LineReader {
  const format = typeof from === 'function' ? from() : from;
  const isStart = matcherOf(format.start);
  const begins = matcherOf(format.begins);
  const stops = matcherOf(format.stop);
  const beginsDetails = matcherOf(format.details);
  const endsDetails = matcherOf(format.detailsEnd);
  const contextIn = readsOf(format.context, testOf);
  const headingIn = readsOf(format.heading, testOf);
  const testIn = readsOf(format.test, testOf);
  const failureIn = readsOf(format.failure, testOf);
  const summaryIn = readsOf(format.summary, sumsOf);
  const tests: CaseDraft[] = [];
  const failures: CaseDraft[] = [];
  const sums = { total: 0, passed: 0, failed: 0, skipped: 0 };
  const seen = { tests, context: {} as NamedTest };
  let headings: NamedTest[] = [];
  let hasStarted = format.start === undefined;
  let isDetails = false;
  let hasSummary = false;
  let hasTotal = false;
  let open: { readonly draft: CaseDraft; isTitleOpen: boolean } | undefined;
  let before = '';

  function summarize(line: string): boolean {
    const part = hasStarted ? summaryIn(line, seen) : undefined;
    if (part === undefined) return false;
    hasSummary = true;
    hasTotal ||= part.total !== undefined;
    for (const name of ['total', 'passed', 'failed', 'skipped'] as const) sums[name] += part[name] ?? 0;
    open = undefined;
    return true;
  }

  function describe(line: string): void {
    if (open === undefined) return;
    const title = open.isTitleOpen ? format.title?.exec(line)?.groups : undefined;
    if (title !== undefined) {
      open.draft.name = `${open.draft.name} ${title.text}`;
      open.isTitleOpen = title.end === undefined;
    } else {
      open.isTitleOpen = false;
      const into = format.output === 'after' ? 'output' : 'trace';
      if (open.draft[into].length < maxDescriptionCharacters) open.draft[into] += `${line}\n`;
    }
  }

  /** Indented headings are the suites around a test. */
  function headingsOf({ indent = 0 }: NamedTest): NamedTest[] {
    return headings.filter((each) => (each.indent ?? 0) < indent);
  }

  function draftOf(test: NamedTest): CaseDraft {
    const {
      group = '',
      outcome,
      seconds = 0,
      file,
      line,
      message,
      flaky = false,
      ...named
    } = {
      ...(test.indent === undefined
        ? {}
        : {
            group: headingsOf(test)
              .map(({ name }) => name)
              .join(' > '),
          }),
      ...seen.context,
      ...omitUndefined(test),
    };
    const draft = draftCase(named.name ?? group, group, outcome);
    return { ...draft, durationSeconds: seconds, file, line, message, flaky };
  }

  function addTest(draft: CaseDraft): void {
    tests.push(draft);
    if (format.output === undefined) return;
    open = undefined;
    if (draft.outcome !== 'failed') return;
    if (format.output === 'before') draft.output = before;
    else open = { draft, isTitleOpen: false };
  }

  function gather(line: string): void {
    if (format.output !== 'before') return;
    if (begins(line)) before = '';
    else if (before.length < maxDescriptionCharacters) before += `${line}\n`;
  }

  return {
    line(line) {
      hasStarted ||= isStart(line);
      if (beginsDetails(line)) isDetails = true;
      else if (endsDetails(line)) isDetails = false;
      const context = contextIn(line, seen);
      if (context !== undefined) seen.context = { ...seen.context, ...omitUndefined(context) };
      if (summarize(line)) return;
      const failure = isDetails || format.details === undefined ? failureIn(line, seen) : undefined;
      if (failure !== undefined) {
        open = { draft: draftOf({ ...failure, outcome: 'failed' }), isTitleOpen: format.title !== undefined };
        if (failures.length < maxFailures) failures.push(open.draft);
        return;
      }
      if (stops(line)) open = undefined;
      const test = isDetails ? undefined : testIn(line, seen);
      const heading = isDetails || test !== undefined ? undefined : headingIn(line, seen);
      if (heading !== undefined) headings = [...headingsOf(heading), heading];
      if (test === undefined) describe(line);
      else if (tests.length < maxTests) addTest(draftOf(test));
      gather(line);
    },
    end() {
      if (!hasSummary) return undefined;
      const listed = tests.filter(({ outcome }) => outcome === 'passed').length;
      const passed = format.listsPassed === true ? listed : sums.passed;
      const total = hasTotal ? sums.total : passed + sums.failed + sums.skipped;
      const counts = { total, failed: sums.failed, skipped: sums.skipped };
      return findingsOf(format.tool, tests, distinct(failures), counts);
    },
  };
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
