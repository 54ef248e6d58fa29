import { cutText } from '../../lib/cut-text.ts';
import { cutToBytes, printable } from '../../lib/markdown.ts';
import type { CheckAnnotation } from '../model/check-view.ts';
import { settingsPath } from '../model/repository-glance.ts';
import type { Run } from '../model/run.ts';
import type { TestFailure } from '../model/test-results.ts';

/** More than a person reads. The text of the check counts the rest. */
const maxAnnotations = 100;

/** The failed tests of a run with a known location. */
export function annotationsOf(run: Run): CheckAnnotation[] {
  const failures = run.outcome?.failures ?? [];
  // Mistakes in the organization's settings are in another repository.
  if (failures[0]?.file?.includes(`: ${settingsPath}`) === true) return [];
  return failures.flatMap(annotationOf).slice(0, maxAnnotations);
}

function annotationOf(failure: TestFailure): CheckAnnotation[] {
  const path = relativePath(failure.file);
  if (path === undefined) return [];
  const details = printable(failure.details ?? '').trim();
  return [
    {
      path,
      line: failure.line ?? 1,
      level: 'failure',
      title: oneLine(failure.name, 255) || 'A test failed',
      message: cutToBytes(printable(failure.message).trim(), 8_000) || 'The test failed without a message.',
      ...(details === '' ? {} : { details: cutToBytes(details, 8_000) }),
    },
  ];
}

/** A path that GitHub accepts: within the repository, with forward slashes. */
function relativePath(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  const path = printable(file)
    .replaceAll('\\', '/')
    .replace(/^(\.\/)+/, '');
  const isWithin =
    path !== '' && !path.startsWith('/') && !path.split('/').includes('..') && !/^[A-Za-z]:/.test(path);
  return isWithin && path.length <= 1_000 ? path : undefined;
}

function oneLine(text: string, maxCharacters: number): string {
  return cutText(printable(text).replace(/\s+/g, ' ').trim(), maxCharacters);
}
