import { failureText, placeText } from '../../lib/failure-text.ts';
import { counted } from '../../lib/format.ts';
import { byteLength, codeBlock, cutToBytes, inlineCode, printable, prose } from '../../lib/markdown.ts';
import { isBuildFailure } from '../model/build-failure.ts';
import type { CheckContext } from '../model/check-view.ts';
import type { Run } from '../model/run.ts';
import type { TestFailure } from '../model/test-results.ts';

/** GitHub's limit for the text of a check run. The documentation says characters, but GitHub counts bytes. */
const maxBytes = 65_535;
/** Reserved for the log, however many tests failed. */
const logShareBytes = 20_000;
const maxFailureBytes = 6_000;

/** Writes everything that a reader without access to the log needs: failed tests, warnings, the end of the log. */
export function checkDetails(run: Run, context: CheckContext): string {
  const { outcome } = run;
  if (outcome === undefined) return '';
  if (outcome.errorCode === 'settings_invalid') return settingsMistakes(outcome.failures);
  const warnings = warningList(outcome.warnings);
  const roomForFailures = maxBytes - logShareBytes - byteLength(warnings) - 200;
  const failures = failureList(run, outcome.failures, roomForFailures);
  const before = [failures, warnings].filter((part) => part !== '').join('\n\n');
  const log = logEnd(outcome.logTail, maxBytes - byteLength(before) - 10, context);
  return [before, log].filter((part) => part !== '').join('\n\n');
}

function failureList(run: Run, failures: readonly TestFailure[], room: number): string {
  if (failures.length === 0) return '';
  const total = Math.max(failures.length, run.outcome?.tests?.failed ?? 0);
  const noun = isBuildFailure(failures) ? 'build error' : 'failed test';
  const parts = [`## ${counted(total, noun)}`];
  let used = byteLength(parts[0] ?? '');
  let shown = 0;
  for (const failure of failures) {
    const part = failurePart(failure);
    // Two bytes for the blank line before it, and room for the count of the rest.
    if (used + byteLength(part) + 2 > room - 150) break;
    parts.push(part);
    used += byteLength(part) + 2;
    shown += 1;
  }
  const rest = total - shown;
  if (rest > 0)
    parts.push(`… and ${counted(rest, `more ${noun}`)}: the report and the page of the run list them all.`);
  return parts.join('\n\n');
}

function failurePart(failure: TestFailure): string {
  const heading = inlineCode(
    cutToBytes(failure.group === '' ? failure.name : `${failure.group} › ${failure.name}`, 400),
  );
  const place = failure.file === undefined ? '' : `\n\nat ${inlineCode(cutToBytes(placeText(failure), 400))}`;
  const body = failureText(failure);
  const block = body === '' ? '' : `\n\n${codeBlock(cutToBytes(printable(body), maxFailureBytes))}`;
  return `### ${heading}${place}${block}`;
}

function warningList(warnings: readonly { readonly message: string }[]): string {
  if (warnings.length === 0) return '';
  const shown = warnings.slice(0, 20).map(({ message }) => `- ${prose(cutToBytes(message, 500))}`);
  const rest = warnings.length - shown.length;
  return ['## Warnings', '', ...shown, ...(rest === 0 ? [] : [`- … and ${rest} more`])].join('\n');
}

/** Takes as many of the last lines of the log as fit. */
function logEnd(lines: readonly string[], room: number, { links }: CheckContext): string {
  if (lines.length === 0) return '';
  const where = `The complete log is on [the run’s page](${links.run}).`;
  const clean = lines.map((line) => printable(line).replace(/\n/g, ' '));
  for (let skipped = firstWithin(clean, room); skipped < clean.length; skipped += 1) {
    const count = clean.length - skipped;
    const part = `## The last ${count === 1 ? 'line' : `${count} lines`} of the log\n\n${codeBlock(clean.slice(skipped).join('\n'))}\n\n${where}`;
    if (byteLength(part) <= room) return part;
  }
  return byteLength(where) <= room ? where : '';
}

/** The first of the last lines that fit in so many bytes, not counting the text around them. */
function firstWithin(lines: readonly string[], room: number): number {
  let used = 0;
  const left = lines.findLastIndex((line) => {
    used += byteLength(line) + 1;
    return used > room;
  });
  return left + 1;
}

function settingsMistakes(failures: readonly TestFailure[]): string {
  const shown = failures.slice(0, 50).map(({ line, name, message }) => {
    const path = name === '' ? '' : `${inlineCode(cutToBytes(name, 200))}: `;
    return `- Line ${line ?? 1}: ${path}${prose(cutToBytes(message, 500))}`;
  });
  const rest = failures.length - shown.length;
  return [...shown, ...(rest === 0 ? [] : [`- … and ${rest} more`])].join('\n');
}
