import { readFile, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { buildGroup } from '../../../app/core/model/build-failure.ts';
import type { TestFailure } from '../../../app/core/model/test-results.ts';
import { escapePattern } from '../../../app/lib/escape-pattern.ts';
import { omitUndefined } from '../../../app/lib/omit-undefined.ts';
import { createCheckoutIndex } from './checkout-index.ts';
import type { ResultCase } from './result-case.ts';
import { locateFailure } from './source-location.ts';

/** A test, and the file that its result was read from. */
export interface Located {
  readonly testCase: ResultCase;
  readonly resultPath?: string;
}

/**
 * Finds where the failed tests are in the repository.
 *
 * @param source.paths the files of the checkout.
 */
export async function locateFailures(
  failed: readonly Located[],
  { checkout, paths }: { readonly checkout: string; readonly paths: readonly string[] },
): Promise<TestFailure[]> {
  if (failed.length === 0) return [];
  const roots = [...new Set([checkout, await realpath(checkout)])];
  const index = createCheckoutIndex(paths, await goModulesOf(checkout, paths));
  return failed.map(({ testCase, resultPath }) => {
    const { name, group, message = '', details } = testCase;
    const place = locateFailure(testCase, { roots, index, ...omitUndefined({ resultPath }) });
    const relative = (text: string) => relativeTo(roots, text);
    return {
      // Other names stay as the tool has them, to be the same in each run.
      name: group === buildGroup ? relative(name) : name,
      group,
      message: relative(message),
      ...place,
      ...omitUndefined({ details: details === undefined ? undefined : relative(details) }),
    };
  });
}

/** Names files of the checkout as in the repository: where a run checks it out means nothing to a reader. */
function relativeTo(roots: readonly string[], text: string): string {
  return roots
    .filter((root) => root !== '/')
    .reduce(
      (shorter, root) =>
        shorter.replace(new RegExp(`(?<![\\w.~/-])(?:file://)?${escapePattern(root)}/`, 'g'), ''),
      text,
    );
}

const maxGoModules = 200;

async function goModulesOf(checkout: string, paths: readonly string[]): Promise<Map<string, string>> {
  const files = paths.filter((path) => path === 'go.mod' || path.endsWith('/go.mod')).slice(0, maxGoModules);
  const modules = await Promise.all(
    files.map(async (path) => {
      const text = await readFile(join(checkout, path), 'utf8').catch(() => '');
      const module = /^\s*module\s+"?([^\s"]+)"?/m.exec(text)?.[1];
      const directory = dirname(path);
      return module === undefined ? [] : [[module, directory === '.' ? '' : directory] as const];
    }),
  );
  return new Map(modules.flat());
}
