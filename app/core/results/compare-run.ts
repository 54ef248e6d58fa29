import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { RunFilter } from '../../ports/store.ts';
import { isOfTag, standsForBranch } from '../branches/branch-of.ts';
import type { Deps } from '../deps.ts';
import type { Project } from '../model/project.ts';
import type { Run } from '../model/run.ts';
import type { TestCase } from '../model/test-results.ts';
import { readTests } from './read-json.ts';
import { compareTests, type TestComparison } from './test-comparison.ts';

type CompareDeps = Pick<Deps, 'store' | 'objects' | 'log'>;

/** A run compared with an earlier one. */
export interface ComparedWith {
  readonly run: Run;
  /** If omitted, one of the two has no list of its tests. */
  readonly tests?: TestComparison;
}

export interface RunComparison {
  readonly baseBranch: string;
  /** The last passing run of the same suite on the base branch before this one. */
  readonly base?: ComparedWith;
  /** The run before this one, of the same branch and suite. */
  readonly previous?: ComparedWith;
}

/** The default branch to compare with. */
const usualBaseBranch = 'main';

/**
 * Compares a run with the last passing run of the base branch, to show what the branch broke, and with the run
 * before it, to show what was fixed since then.
 */
export async function compareRun(
  deps: CompareDeps,
  { run, project, base }: { run: Run; project: Project; base?: string },
): Promise<RunComparison> {
  const baseBranch = base ?? run.github?.baseBranch ?? project.github?.defaultBranch ?? usualBaseBranch;
  const [green, before] = await Promise.all([
    newestBefore(deps, run, { branch: baseBranch, states: ['succeeded'] }, standsForBranch),
    newestBefore(deps, run, { branch: run.spec.branch, states: ['succeeded', 'failed'] }, (other) =>
      isOfOneBranch(run, other),
    ),
  ]);
  const cases = green === undefined && before === undefined ? undefined : await readTests(deps, run);
  const [withBase, withPrevious] = await Promise.all([
    green && beside(deps, cases, green),
    // The same run is read only once.
    before?.id === green?.id ? undefined : before && beside(deps, cases, before),
  ]);
  const previous = before?.id === green?.id ? withBase : withPrevious;
  return omitUndefined({
    baseBranch,
    base: withBase,
    previous,
  });
}

async function beside(
  deps: CompareDeps,
  cases: readonly TestCase[] | undefined,
  other: Run,
): Promise<ComparedWith> {
  const others = cases === undefined ? undefined : await readTests(deps, other);
  return cases === undefined || others === undefined
    ? { run: other }
    : { run: other, tests: compareTests(cases, others) };
}

/** The branch of a fork, or a tag, may have the same name as one of the repository or of another fork, such as `main`. */
function isOfOneBranch(one: Run, other: Run): boolean {
  if (one.spec.untrusted !== other.spec.untrusted || isOfTag(one) !== isOfTag(other)) return false;
  return !one.spec.untrusted || one.github?.pullRequest === other.github?.pullRequest;
}

/** The first one nearly always matches; reading more would take too long. */
const pageSizes = [1, 25, 100];

async function newestBefore(
  { store }: CompareDeps,
  { projectId, spec, createdAt }: Run,
  filter: RunFilter,
  fits: (other: Run) => boolean,
): Promise<Run | undefined> {
  let from: { cursor?: string } = {};
  for (const limit of pageSizes) {
    const { items, cursor } = await store.runs.list(
      projectId,
      { suite: spec.suite, before: createdAt, ...filter },
      { limit, ...from },
    );
    const found = items.find(fits);
    if (found !== undefined || cursor === undefined) return found;
    from = { cursor };
  }
  return undefined;
}
