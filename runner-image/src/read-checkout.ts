import type { Job } from '../../app/core/model/job.ts';
import { omitUndefined } from '../../app/lib/omit-undefined.ts';
import type { FoundArtifacts } from './artifacts/find-artifacts.ts';
import type { TextMask } from './output/secret-masker.ts';
import type { TestFindings } from './results/collect-tests.ts';
import type { SuiteEnd } from './suite-end.ts';
import type { Workspace } from './workspace.ts';

export interface ReadCheckoutDeps {
  readonly workspace: Workspace;
  readonly mask: TextMask;
  /** Turns a failure into a warning. */
  readonly orWarn: <T>(what: string, work: Promise<T>, otherwise: T) => Promise<T>;
}

export interface CheckoutFindings {
  readonly tests: TestFindings;
  readonly found: FoundArtifacts;
}

export const noTests: TestFindings = { failures: [], slowest: [], cases: [], warnings: [] };
const nothing: CheckoutFindings = { tests: noTests, found: { artifacts: [], warnings: [] } };

/**
 * Reads the results and artifacts in the checkout. The modules are imported here, because the checkout starts sooner if
 * the runner loads fewer modules at startup.
 */
export async function readCheckout(
  job: Job,
  end: SuiteEnd,
  deps: ReadCheckoutDeps,
): Promise<CheckoutFindings> {
  if (end.startedAtMs === undefined) return nothing;
  const { orWarn, mask } = deps;
  const { checkout } = deps.workspace;
  const [{ findFiles }, { resultGlobs }, { collectTests }, { findArtifacts, unnamedGlobs }] =
    await Promise.all([
      import('./find-files.ts'),
      import('./results/find-result-files.ts'),
      import('./results/collect-tests.ts'),
      import('./artifacts/find-artifacts.ts'),
    ]);
  const sets = { junit: resultGlobs(job.junit), named: job.artifacts, unnamed: unnamedGlobs };
  const { matches, paths, problems } = await orWarn('The checkout', findFiles({ checkout, sets }), {
    matches: { junit: [], named: [], unnamed: [] },
    paths: [],
    problems: [],
  });
  const common = { checkout, writtenSinceMs: end.startedAtMs };
  const maxBytes = job.uploads.artifacts.maxBytes;
  const [tests, found] = await Promise.all([
    orWarn(
      'The test results',
      collectTests({
        ...common,
        globs: job.junit,
        candidates: matches.junit,
        paths,
        mask,
        commandPassed: end.outcome === 'succeeded',
        ...omitUndefined({ output: end.output }),
      }),
      nothing.tests,
    ),
    orWarn(
      'The artifacts',
      findArtifacts({ ...common, ...matches, globs: job.artifacts, maxBytes }),
      nothing.found,
    ),
  ]);
  const refused = problems.map((message) => ({ code: 'pattern_refused', message }));
  return { tests, found: { ...found, warnings: [...refused, ...found.warnings] } };
}
