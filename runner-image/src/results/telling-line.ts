/** Messages that say nothing about the failure. */
const emptyMessages =
  /^(?:(?:the |a )?(?:test |testcase |step )?(?:has |was )?(?:fail(?:ed|ure|ing)?|errored|errors?|broken|not ok|passed)|none|null|nil|undefined|unknown|exception|assertion ?(?:error|failed)?|test execution failed|test crashed|(?:process )?exit(?:ed)?(?: with)?(?: error)?(?: status| code)? -?\d+|subprocess aborted|no message|error thrown in test|see (?:log|output).*|collection failure|thread '[^']*'(?: \(\d+\))? panicked at \S+)[.:!]?$/i;
/** Lines that say where or in which test, and not what. */
const frames =
  /^(?:at\s|File "|❯\s|=== |--- (?:FAIL|PASS|SKIP|ERROR)|\.\.\. |in \S+:line \d|\S+:\d+:in [`']|#\d+ |#\s+at \S|thread '[^\n]*panicked at [^\n]*:$|in function \S+|\((?:in test file|from function) |\S+ \[\S+:\d+\]:$|(?:\[[^\]]{1,80}\] › )?\S+:\d+:\d+ › |FAIL\s|ok\s|Traceback \(|Stack ?trace|Error Message:|goroutine \d|exit status \d|Error Trace:|Test:|Messages?:$|Stack:$|Messages:|running \d+ tests?|note: run with|Caused by:?$|\[\s+(?:RUN|OK|FAILED|=+|-+)\s+\])/;
/** A line of code in a frame that shows it. */
const excerpts = /^(?:(?:=?>)?\s*\d+\s*[|:]|\|)/;
const separators = /^[\s\-=_*~─━═#.+>|]*$/;
/** How most tools and languages begin the line that says what is wrong. */
const errorWords =
  /\b(?:assert\w*|expected|expecting|error|exception|panic(?:ked)?|fatal|fail(?:ed|ure|s)?|mismatch|not equal|should|undefined|segmentation fault|abort(?:ed)?|timed? ?out|sanitizer|cannot|could not|unable)\b|\w(?:Error|Exception|Failure)\b|!=/i;
const maxLines = 400;

/** Whether a message says nothing, or only the name of the test. */
export function saysNothing(message: string, names: readonly string[] = []): boolean {
  const text = message.trim();
  return text === '' || emptyMessages.test(text) || names.some((name) => isName(text, name));
}

/**
 * Finds the line of a failed test's text or output that says what happened, for tools whose message says nothing.
 *
 * @param names of the test: PHPUnit and others begin the text with it.
 */
export function tellingLine(trace: string, output: string, names: readonly string[]): string | undefined {
  return fromTrace(linesOf(trace), names) ?? fromOutput(linesOf(output), names);
}

function linesOf(text: string): string[] {
  return text.split('\n', maxLines);
}

function fromTrace(lines: readonly string[], names: readonly string[]): string | undefined {
  const known = ginkgoError(lines) ?? testifyError(lines);
  if (known !== undefined) return known;
  const errors = lines.filter((line) => /^E {2,}\S/.test(line));
  // An error of syntax begins with its place and its code.
  const isSyntax = /^E +File "/.test(errors[0] ?? '');
  const pytest = isSyntax ? errors.find((line) => /^E +\w+Error: /.test(line)) : errors[0];
  if (pytest !== undefined) return withoutLabel(pytest);
  const rspec = rspecError(lines);
  if (rspec !== undefined) return rspec;
  const python = pythonError(lines);
  if (python !== undefined && !saysNothing(python)) return python;
  const telling = lines.map((line) => line.trim()).filter((line) => isTelling(line, names));
  const described = telling.map(withoutLabel);
  const first = described.findIndex((line) => line !== '');
  const line = described[first];
  const next = described[first + 1] ?? '';
  if (line?.startsWith('Expected: ') === true && /^Actual: /.test(next)) return `${line}, ${next}`;
  // A line that ends with a colon introduces the values.
  return line?.endsWith(':') === true ? described.slice(first, first + 3).join(' ') : (line ?? python);
}

/** Most of the output is not about the failure: uses the first line that names an error, otherwise the last line. */
function fromOutput(lines: readonly string[], names: readonly string[]): string | undefined {
  const ginkgo = ginkgoError(lines);
  if (ginkgo !== undefined) return ginkgo;
  const panic = lines.findIndex((line) => /^\s*thread '.*panicked at .*:$/.test(line));
  if (panic !== -1 && lines[panic + 1] !== undefined) return lines[panic + 1]?.trim();
  const telling = lines.map((line) => line.trim()).filter((line) => isTelling(line, names));
  return telling.find((line) => errorWords.test(line)) ?? telling.at(-1);
}

function isTelling(line: string, names: readonly string[]): boolean {
  return (
    !separators.test(line) &&
    !excerpts.test(line) &&
    !/^\S+\.\w+:\d+(?::\d+)?$/.test(line) &&
    !frames.test(line) &&
    !saysNothing(line, names)
  );
}

/** RSpec writes the code first, then the error between empty lines. */
function rspecError(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => line.trimStart().startsWith('Failure/Error:'));
  if (start === -1) return undefined;
  const rest = lines.slice(start).map((line) => line.trim());
  const blank = rest.indexOf('');
  const after = rest.slice(blank + 1);
  const end = after.findIndex((line) => line === '' || line.startsWith('# '));
  const error = after.slice(0, end === -1 ? 3 : Math.min(end, 3)).join(' ');
  return blank === -1 || error === '' ? undefined : error;
}

/** The last line of a traceback that is not indented. */
function pythonError(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => line.trimStart().startsWith('Traceback (most recent call last)'));
  if (start === -1) return undefined;
  const indent = /^\s*/.exec(lines[start] ?? '')?.[0].length ?? 0;
  const after = lines.slice(start + 1);
  return after
    .filter((line) => /^\s*/.exec(line)?.[0].length === indent && /^[\w.]+(?::|$)/.test(line.trim()))
    .map((line) => line.trim())
    .at(-1);
}

/** ginkgo writes the spec and its place, then the error, and where it was raised. All specs are one test of Go. */
function ginkgoError(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => /^ {2}\[(?:FAILED|PANICKED|TIMEDOUT|INTERRUPTED)\] \S/.test(line));
  const length = lines.slice(start).findIndex((line) => /^ {2}In \[\w+\] at: /.test(line));
  if (start === -1 || length === -1) return undefined;
  const error = lines.slice(start, start + Math.min(length, 8)).map((line) => line.trim());
  // What a panic says comes after its place.
  if (error[0]?.startsWith('[PANICKED]')) error.push(lines[start + length + 2]?.trim() ?? '');
  const header = lines.slice(0, start).findLastIndex((line) => /^\S.*\] \[[\d.]+ seconds\]/.test(line));
  const spec = header === -1 ? '' : `${lines[header + 1]?.trim()}: `;
  const count = Number(/^Summarizing (\d+) Failures:$/m.exec(lines.join('\n'))?.[1] ?? 1);
  const text = `${spec}${error.join(' ').replace(/^\[\w+\] /, '')}`;
  return count > 1 ? `${text} (and ${count - 1} more)` : text;
}

/** testify writes a table: the cell after "Error:" has several lines. */
function testifyError(lines: readonly string[]): string | undefined {
  const start = lines.findIndex((line) => /^\s+Error:\s+\S/.test(line));
  if (start === -1 || !lines.some((line) => /^\s+Error Trace:/.test(line))) return undefined;
  const rest = lines.slice(start + 1, start + 12);
  const end = rest.findIndex((line) => /^\s+(?:Test|Messages|Error Trace):\s/.test(line));
  const cell = [lines[start] ?? '', ...rest.slice(0, end === -1 ? rest.length : end)];
  return cell
    .map((line) => line.replace(/^\s+(?:Error:)?\s*/, '').trimEnd())
    .filter((line) => line !== '')
    .join('\n');
}

/** Go and others put the place before the message: `a_test.go:12: got 4`. */
function withoutLabel(line: string): string {
  return line
    .replace(/^[\w./\\-]{1,300}\.\w{1,10}:\d{1,7}(?::\d{1,7})?:\s*/, '')
    .replace(/^(?:E\s{2,}|>\s+|#\s+)/, '')
    .trim();
}

function isName(text: string, name: string): boolean {
  if (name === '') return false;
  const rest = text.endsWith(name) ? text.slice(0, -name.length) : undefined;
  return rest !== undefined && /^[\w\\.:/) -]*$/.test(rest) && !/\s\w+\s/.test(rest);
}
