import type { Workflow } from '../app/client/api-types.ts';
import { failureParts } from '../app/lib/failure-text.ts';
import { cutToBytes, printable } from '../app/lib/markdown.ts';
import type { Host } from './host.ts';

export type TestFailure = Workflow['failures'][number];

/** A failed test, as GitHub shows it in the code. */
export interface Annotation {
  readonly title: string;
  readonly message: string;
  /** Relative to the repository; undefined if the test does not say where it failed. */
  readonly file: string | undefined;
  readonly line: number;
}

/** GitHub cuts annotations at 4 KB, which would leave half a stack trace. */
const maxMessageBytes = 3_500;

export function annotationOf(failure: TestFailure): Annotation {
  const text = failureDetails(failure);
  const title = [failure.group, failure.name].filter((part) => part !== '').join(': ');
  return {
    title: cutToBytes(printable(title).replace(/\s+/g, ' ').trim(), 250) || 'A test failed',
    message: cutToBytes(text, maxMessageBytes) || 'The test failed without a message.',
    file: relativePath(failure.file),
    line: failure.line ?? 1,
  };
}

/** Returns the message of a failed test and its details, which often repeat the message. */
export function failureDetails(failure: TestFailure): string {
  return failureParts(failure)
    .map((part) => printable(part).trim())
    .filter((part) => part !== '')
    .join('\n');
}

/** Annotates the first `max` failed tests in the log of the step, and says how many more failed. */
export function annotateFailures(host: Host, run: Workflow, max: number): void {
  if (max === 0 || run.failures.length === 0) return;
  for (const { message, title, file, line } of run.failures.slice(0, max).map(annotationOf)) {
    host.annotate(message, file === undefined ? { title } : { title, file, startLine: line });
  }
  const more = Math.max(run.tests?.failed ?? 0, run.failures.length) - max;
  if (more > 0) host.info(`${more} more failed. The summary and the report list them.`);
}

/** A path within the repository: reports may contain any other path, and GitHub shows none of those. */
function relativePath(file: string | null): string | undefined {
  const path = printable(file ?? '')
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '');
  const isWithin = path !== '' && !/^(\/|[A-Za-z]:)/.test(path) && !path.split('/').includes('..');
  return isWithin ? path : undefined;
}
