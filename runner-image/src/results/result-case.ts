import type { TestCase } from '../../../app/core/model/test-results.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import type { TextMask } from '../output/secret-masker.ts';
import { cutText, withoutAnsi } from './plain-text.ts';
import { saysNothing, tellingLine } from './telling-line.ts';

/** A test case with everything that a result file says about it. */
export interface ResultCase extends TestCase {
  /** The path in the result file, relative to an unknown directory. */
  readonly file?: string;
  readonly line?: number;
  /** Only for a failed test. */
  readonly message?: string;
  /** Only for a failed test: its stack trace, and the end of its output. */
  readonly details?: string;
  /** Other names in the file that may be paths or packages: of the suites around the test. */
  readonly hints?: readonly string[];
  readonly suite?: SuiteInfo;
}

/** Information about all tests of a suite. */
export interface SuiteInfo {
  /** How many tests it has by its own count. */
  readonly tests?: number;
  /** A tool whose test names are unique, and that writes each attempt of a test as a test case. */
  writesAttempts: boolean;
}

/** A test case while it is read. */
export interface CaseDraft {
  name: string;
  group: string;
  outcome: TestCase['outcome'];
  durationSeconds: number;
  flaky?: boolean;
  file?: string | undefined;
  line?: number | undefined;
  message?: string | undefined;
  /** The class of the error, or a word such as `failure`. */
  errorType?: string | undefined;
  trace: string;
  output: string;
  hints?: readonly string[];
  suite?: SuiteInfo | undefined;
}

/** The message of a failure about which the tool says nothing. */
export const noMessage = 'The test failed without a message.';

const maxNameCharacters = 4_000;
const maxMessageCharacters = 2_000;
const maxTraceCharacters = 4_000;
const maxOutputCharacters = 2_000;
const maxHints = 6;

export function draftCase(name: string, group: string, outcome: TestCase['outcome'] = 'passed'): CaseDraft {
  return { name, group, outcome, durationSeconds: 0, trace: '', output: '' };
}

/** @param mask removes secrets; before anything is cut, because half a secret would not be found */
export function finishCase(draft: CaseDraft, mask: TextMask): ResultCase {
  const { outcome, durationSeconds, line, suite } = draft;
  const hints = (draft.hints ?? []).filter((hint) => hint !== '').slice(0, maxHints);
  return {
    name: cutText(mask(withoutAnsi(draft.name)), maxNameCharacters) || '(no name)',
    group: cutText(mask(withoutAnsi(draft.group)), maxNameCharacters),
    outcome,
    durationSeconds,
    ...omitUndefined({
      flaky: draft.flaky === true && outcome === 'passed' ? true : undefined,
      file: draft.file || undefined,
      line: line !== undefined && Number.isInteger(line) && line > 0 ? line : undefined,
      hints: hints.length === 0 ? undefined : hints,
      suite,
    }),
    ...(outcome === 'failed' ? failureFields(draft, mask) : {}),
  };
}

function failureFields(draft: CaseDraft, mask: TextMask): Pick<ResultCase, 'message' | 'details'> {
  const trace = mask(withoutAnsi(draft.trace)).trimEnd();
  const output = mask(withoutAnsi(draft.output)).trim();
  const stated = mask(withoutAnsi(draft.message ?? '')).trim();
  const names = [draft.name, `${draft.group}::${draft.name}`, `${draft.group} ${draft.name}`];
  const errorType = mask(withoutAnsi(draft.errorType ?? '')).trim();
  const telling = saysNothing(stated, names) ? tellingLine(trace, output, names) : undefined;
  const details = [
    // pytest shows the function first, and the error and its line last.
    cutText(trace, maxTraceCharacters, 'middle'),
    output === '' ? '' : `Output:\n${cutText(output, maxOutputCharacters, 'start')}`,
  ].filter((part) => part !== '');
  return {
    message: cutText(
      telling ?? (stated || (saysNothing(errorType) ? noMessage : errorType)),
      maxMessageCharacters,
    ),
    ...(details.length === 0 ? {} : { details: details.join('\n\n') }),
  };
}

/** A longer duration is a mistake of the tool. */
const maxSeconds = 366 * 86_400;
const unitSeconds: Readonly<Record<string, number>> = { h: 3_600, m: 60, s: 1 };

/** Reads `1.5`, `0,25` (decimal comma), `1,234.5`, `1.234,5`, `12ms`, `1m 3s`, `PT1M3.5S`, and `00:00:01.5`. */
export function secondsOf(text: string | undefined): number {
  const seconds = anySecondsOf((text ?? '').trim());
  return seconds > 0 && seconds < maxSeconds ? seconds : 0;
}

function anySecondsOf(plain: string): number {
  const clock = /^(?:(\d+)\.)?(\d+):(\d{2}):(\d{2}(?:\.\d+)?)$/.exec(plain);
  if (clock !== null) {
    const [, days = '0', hours, minutes, seconds] = clock;
    return Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  }
  const parts = plain.toLowerCase().replace(/^pt(?=\d)/, '');
  if (/^(?:\d+(?:[.,]\d+)? ?(?:h|ms|m|s) ?)+$/.test(parts)) {
    const units = [...parts.matchAll(/([\d.,]+) ?([a-z]+)/g)];
    // A division is exact where 0.001 is not.
    const secondsIn = (count: number, unit: string) =>
      unit === 'ms' ? count / 1000 : count * (unitSeconds[unit] ?? 0);
    return units.reduce((sum, [, count = '', unit = '']) => sum + secondsIn(numberOf(count), unit), 0);
  }
  return numberOf(plain);
}

function numberOf(plain: string): number {
  const isCommaLast = plain.lastIndexOf(',') > plain.lastIndexOf('.');
  const hasDecimalComma = isCommaLast && plain.split(',').length === 2;
  return Number.parseFloat(
    hasDecimalComma ? plain.replaceAll('.', '').replace(',', '.') : plain.replaceAll(',', ''),
  );
}
