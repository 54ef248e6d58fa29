import type { TestCounts } from '../lines/line-reader.ts';
import { type CaseDraft, type SuiteInfo, secondsOf } from '../result-case.ts';
import { withoutNodeWrapper } from './node-error.ts';
import type { Attributes, XmlDialect, XmlElement } from './xml-dialect.ts';

/** Statuses that GoogleTest, CTest and others write as attributes instead of elements. */
const notRun = /^(?:disabled|skip|skipped|ignored|notrun|not_?run|suppressed|pending|todo)$/i;
const notPassed = /^(?:fail|failed|failure|error|errored|broken|crashed|timed?_?out|aborted|ko|not ok)$/i;
const failureElements = new Set(['failure', 'error']);
const skips = new Set(['skipped', 'skip', 'disabled', 'ignored', 'pending']);
const flaky = new Set(['flakyfailure', 'flakyerror']);
const outputs = new Set(['system-out', 'system-err']);
const suiteElements = new Set(['testsuites', 'testsuite', 'testrun']);
const maxHeldText = 64 * 1024;
/** The suites next to a test that count for its name. A document may nest thousands. */
const maxOuterSuites = 20;

interface OpenSuite {
  readonly attributes: Attributes;
  readonly info: SuiteInfo;
  output: string;
  /** Cases from the first failed one without a message on: the output of the suite may explain it. */
  readonly held: CaseDraft[];
}

interface OpenCase extends CaseDraft {
  isTodo: boolean;
}

/** JUnit XML, in the many forms in which tools write it. */
export function junitDialect(onCase: (draft: CaseDraft) => void): XmlDialect {
  const elements: string[] = [];
  const suites: OpenSuite[] = [];
  const stated = new Map<string, number>();
  let current: OpenCase | undefined;
  /** The largest sum of failures that a suite states. */
  let statedFailures = 0;
  let hasFailure = false;

  function finishCase(): void {
    const done = current;
    current = undefined;
    if (done === undefined) return;
    const { isTodo, ...draft } = done;
    hasFailure ||= draft.outcome === 'failed' || draft.flaky === true;
    if (isTodo) draft.outcome = 'skipped';
    const suite = suites.at(-1);
    if (suite !== undefined && (suite.held.length > 0 || isSilent(draft))) suite.held.push(draft);
    else onCase(draft);
  }

  function finishSuite(): void {
    const suite = suites.pop();
    for (const draft of suite?.held ?? []) {
      if (isSilent(draft)) draft.output = suite?.output ?? '';
      onCase(draft);
    }
  }

  function markFailed(attributes: Attributes): void {
    if (current === undefined) return;
    current.outcome = 'failed';
    current.message ??= attributes.message || undefined;
    current.errorType ??= attributes.type || undefined;
  }

  return {
    open(element) {
      const { name, attributes } = element;
      const parent = elements.at(-1) ?? '';
      elements.push(name);
      if (suiteElements.has(name)) {
        suites.push(openSuite(attributes));
        statedFailures = Math.max(statedFailures, failuresOf(attributes));
      } else if (name === 'testcase') current = openCase(attributes, suites);
      else if (name === 'property') readProperty(attributes, suites.at(-1));
      else if (failureElements.has(name)) {
        if (suiteElements.has(parent))
          current = openCase({ name: suites.at(-1)?.attributes.name ?? '' }, suites);
        if (parent === 'testcase' || suiteElements.has(parent)) markFailed(attributes);
      } else if (current !== undefined && parent === 'testcase') readChild(element, current);
    },
    close(name, text) {
      elements.pop();
      const parent = elements.at(-1) ?? '';
      const isOfCase = parent === 'testcase';
      if (current !== undefined && failureElements.has(name))
        current.trace = joined(current.trace, withoutNodeWrapper(text)).slice(0, maxHeldText);
      if (current !== undefined && outputs.has(name) && isOfCase)
        current.output = joined(current.output, text).slice(-maxHeldText);
      const suite = suites.at(-1);
      if (outputs.has(name) && suiteElements.has(parent) && suite !== undefined)
        suite.output = joined(suite.output, text).slice(-maxHeldText);
      if (name === 'testcase' || (failureElements.has(name) && suiteElements.has(parent))) finishCase();
      if (suiteElements.has(name)) finishSuite();
    },
    comment(text) {
      const [, name = '', count] = /^ (tests|pass|fail|cancelled|skipped|todo) (\d+) $/.exec(text) ?? [];
      if (count !== undefined) stated.set(name, Number(count));
    },
    counts: () => countsOf(stated),
    unlistedFailures: () => (hasFailure ? 0 : statedFailures),
    end() {
      if (current?.outcome === 'failed') finishCase();
      while (suites.length > 0) finishSuite();
    },
  };
}

/** Node's runner lists no test that has subtests, and writes its sums as comments. */
function countsOf(stated: ReadonlyMap<string, number>): TestCounts | undefined {
  const total = stated.get('tests');
  const sum = (names: readonly string[]) => names.reduce((all, name) => all + (stated.get(name) ?? 0), 0);
  return total === undefined || !stated.has('pass')
    ? undefined
    : { total, failed: sum(['fail', 'cancelled']), skipped: sum(['skipped', 'todo']) };
}

function failuresOf({ failures = '', errors = '' }: Attributes): number {
  const sum = Number.parseInt(failures, 10) + (Number.parseInt(errors, 10) || 0);
  return sum > 0 ? sum : Number.parseInt(errors, 10) || 0;
}

function openSuite(attributes: Attributes): OpenSuite {
  const tests = Number.parseInt(attributes.tests ?? '', 10);
  return {
    attributes,
    info: { writesAttempts: attributes.name === 'pytest', ...(tests >= 0 ? { tests } : {}) },
    output: '',
    held: [],
  };
}

function openCase(attributes: Attributes, suites: readonly OpenSuite[]): OpenCase {
  const suite = suites.at(-1);
  const states = [attributes.result ?? '', attributes.status ?? ''];
  const isSkipped = states.some((state) => notRun.test(state));
  const isFailed = states.some((state) => notPassed.test(state)) || attributes.success === 'false';
  const from = suite?.attributes ?? {};
  return {
    ...namesOf(attributes, suites),
    outcome: isSkipped ? 'skipped' : isFailed ? 'failed' : 'passed',
    durationSeconds: secondsOf(attributes.time ?? attributes.duration),
    file: attributes.file ?? attributes.filepath ?? from.file ?? from.filepath,
    line: lineOf(attributes.line ?? attributes.lineno),
    trace: '',
    output: '',
    isTodo: false,
    hints: suites
      .slice(-maxOuterSuites)
      .toReversed()
      .flatMap(({ attributes: of }) => [of.name ?? '', of.package ?? '', of.file ?? '']),
    suite: suite?.info,
  };
}

function namesOf(attributes: Attributes, suites: readonly OpenSuite[]): Pick<CaseDraft, 'name' | 'group'> {
  const { name = '', classname = '', status } = attributes;
  // mocha-junit-reporter writes the title as the class name, after the titles of its suites as the name.
  if (suites[0]?.attributes.name === 'Mocha Tests' && name.endsWith(` ${classname}`) && classname !== '')
    return { name: classname, group: name.slice(0, -classname.length - 1) };
  // jest-junit and CTest write the whole name twice. Others do so for a file or a package that failed, without a status.
  const isOfFile = status === undefined && !name.includes(' ') && /[/.]/.test(name);
  const isTwice = name === classname && !isOfFile;
  return { name, group: isTwice ? '' : groupOf(attributes, suites) };
}

/** Node's runner writes the class name "test" for every test. */
function groupOf({ classname = '', name }: Attributes, suites: readonly OpenSuite[]): string {
  const names = suites.slice(-maxOuterSuites).flatMap(({ attributes: of }) => of.name ?? []);
  const isConstant = classname === 'test' && names.length > 0 && name !== 'test';
  if (isConstant) return names.join(' > ');
  return classname || names.at(-1) || '';
}

function readChild({ name, attributes }: XmlElement, current: OpenCase): void {
  if (skips.has(name)) {
    // A test that is to be done may fail: that is no failure.
    if (/^todo$/i.test(attributes.type ?? '')) current.isTodo = true;
    if (current.outcome === 'passed') current.outcome = 'skipped';
  }
  if (flaky.has(name)) current.flaky = true;
}

/** gotestsum writes each attempt of a test as a test case. The names of Go's tests are unique in their package. */
function readProperty({ name }: Attributes, suite: OpenSuite | undefined): void {
  if (name === 'go.version' && suite !== undefined) suite.info.writesAttempts = true;
}

function isSilent({ outcome, trace, output }: CaseDraft): boolean {
  return outcome === 'failed' && trace === '' && output === '';
}

function lineOf(text: string | undefined): number | undefined {
  const line = Number.parseInt(text ?? '', 10);
  return line > 0 ? line : undefined;
}

function joined(before: string, part: string): string {
  return before === '' || part === '' ? before + part : `${before}\n\n${part}`;
}
