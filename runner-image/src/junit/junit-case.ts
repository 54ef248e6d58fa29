import type { TestCase } from '../../../app/core/model/job.ts';
import type { TextMask } from '../output/secret-masker.ts';
import { cutText, withoutAnsi } from './plain-text.ts';

/** A test case with all that a JUnit file says of it. */
export interface JunitCase extends TestCase {
  /** As written in the file: relative to nobody knows what. */
  readonly file?: string;
  readonly line?: number;
  /** Of a failed test. */
  readonly message?: string;
  /** Of a failed test: its stack trace, and the end of its output. */
  readonly details?: string;
}

/** The attributes of an element, their names in lower case. */
export type Attributes = Readonly<Record<string, string>>;

/** A test case whose element has not ended yet. */
export interface OpenCase {
  readonly attributes: Attributes;
  outcome: TestCase['outcome'];
  message: string | undefined;
  trace: string;
  output: string;
}

const maxMessageCharacters = 2_000;
const maxTraceCharacters = 4_000;
const maxOutputCharacters = 2_000;
/** GoogleTest and others say it by an attribute and not by an element. */
const notRun = /^(disabled|skipped|ignored|notrun|suppressed)$/i;

export function openCase(attributes: Attributes): OpenCase {
  const isSkipped = notRun.test(attributes.result ?? '') || notRun.test(attributes.status ?? '');
  return { attributes, outcome: isSkipped ? 'skipped' : 'passed', message: undefined, trace: '', output: '' };
}

/**
 * @param suite the attributes of the innermost suite
 * @param mask takes secrets out; before anything is cut, because half a secret would not be found
 */
export function closeCase(open: OpenCase, suite: Attributes, mask: TextMask): JunitCase {
  const { attributes } = open;
  const file = attributes.file ?? attributes.filepath ?? suite.file ?? suite.filepath;
  const line = Number(attributes.line ?? attributes.lineno);
  return {
    name: mask(attributes.name ?? '(no name)'),
    group: mask(attributes.classname || suite.name || ''),
    outcome: open.outcome,
    durationSeconds: seconds(attributes.time ?? attributes.duration),
    ...(file === undefined || file === '' ? {} : { file }),
    ...(Number.isInteger(line) && line > 0 ? { line } : {}),
    ...(open.outcome === 'failed' ? faultOf(open, mask) : {}),
  };
}

function faultOf(open: OpenCase, mask: TextMask): Pick<JunitCase, 'message' | 'details'> {
  const trace = mask(withoutAnsi(open.trace));
  const output = mask(withoutAnsi(open.output)).trim();
  const message = mask(withoutAnsi(open.message ?? trace.split('\n', 1)[0] ?? '')).trim();
  const details = [
    cutText(trace, maxTraceCharacters),
    output === '' ? '' : `Output:\n${cutText(output, maxOutputCharacters, 'start')}`,
  ].filter((part) => part !== '');
  return {
    message: cutText(message === '' ? 'The test failed without a message.' : message, maxMessageCharacters),
    ...(details.length === 0 ? {} : { details: details.join('\n\n') }),
  };
}

/** Some tools write `1,234.5`. */
function seconds(text: string | undefined): number {
  const value = Number.parseFloat((text ?? '').replaceAll(',', ''));
  return Number.isFinite(value) && value > 0 ? value : 0;
}
