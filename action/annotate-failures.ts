import { cutToBytes, printable } from '../app/lib/markdown.ts';
import type { TestFailure, Workflow } from './berth-api.ts';
import type { Host } from './host.ts';

/** GitHub cuts annotations off at 4 KB and would leave the reader with half a stack trace. */
const longestMessageBytes = 3_500;

/** Marks the failed tests in the code, the first `most` of them, and says how many more there are. */
export function annotateFailures(host: Host, run: Workflow, most: number): void {
  if (most === 0 || run.failures.length === 0) return;
  for (const failure of run.failures.slice(0, most)) annotate(host, failure);
  const more = Math.max(run.tests?.failed ?? 0, run.failures.length) - most;
  if (more > 0) host.info(`${more} more failed: the summary and the report have them.`);
}

function annotate(host: Host, failure: TestFailure): void {
  const file = relativePath(failure.file);
  const text = [failure.message, failure.details]
    .map((part) => printable(part ?? '').trim())
    .filter((part) => part !== '')
    .join('\n');
  host.annotate(cutToBytes(text, longestMessageBytes) || 'The test failed without a message.', {
    title: titleOf(failure),
    ...(file === undefined ? {} : { file, startLine: failure.line ?? 1 }),
  });
}

function titleOf({ name, group }: TestFailure): string {
  const title = [group, name].filter((part) => part !== '').join(': ');
  return cutToBytes(printable(title).replace(/\s+/g, ' ').trim(), 250) || 'A test failed';
}

/** A path within the repository: what points elsewhere marks nothing, and may have been made up. */
function relativePath(file: string | null): string | undefined {
  const path = printable(file ?? '')
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '');
  const isWithin = path !== '' && !/^(\/|[A-Za-z]:)/.test(path) && !path.split('/').includes('..');
  return isWithin ? path : undefined;
}
