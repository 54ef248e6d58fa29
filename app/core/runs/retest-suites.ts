import { BerthError } from '../model/errors.ts';
import type { Project } from '../model/project.ts';
import { isActive, type Run, type Trigger } from '../model/run.ts';
import { isMeant } from '../model/stack-deploy.ts';
import { type RetestDeps, retestRun } from './retest-run.ts';
import { latestRuns } from './run-pages.ts';

/** A suite that is refused must not block the others. */
const refusals: ReadonlySet<string> = new Set(['not_approved', 'branch_closed', 'conflict']);

export interface SuiteRetest {
  readonly project: Project;
  readonly sha: string;
  /** `failed`: suites that did not succeed; `all`: suites that ran; or by name, which also runs skipped suites. */
  readonly which: 'failed' | 'all' | readonly string[];
  /** Only the failed tests of each suite. Default: false. */
  readonly failedOnly?: boolean;
  readonly trigger: Trigger;
  /** Identifies the request: a repeated one makes no second retest. */
  readonly key: string;
  /** Selects runs of the commit, such as those of one branch. If omitted, all. */
  readonly fits?: (run: Run) => boolean;
}

export interface SuiteRetestResult {
  readonly started: readonly string[];
  /** The new runs, in the order of `started`. */
  readonly runs: readonly Run[];
  /** Suites that are running already, so not started again. */
  readonly active: readonly string[];
  /** Names without a run of the commit. */
  readonly unknown: readonly string[];
  /** Suites that must not start, such as those of an unapproved fork. */
  readonly refused: readonly string[];
  /** The suites that the commit has runs of. */
  readonly known: readonly string[];
}

/** Runs suites of a commit again: the one use case behind `/retest`, the check's buttons and the dashboard's. */
export async function retestSuites(deps: RetestDeps, request: SuiteRetest): Promise<SuiteRetestResult> {
  const { which } = request;
  const latest = await latestRuns(deps, request.project, request.sha, request.fits);
  const names = typeof which === 'string' ? [] : which;
  const unknown = names.filter((name) => ![...latest.keys()].some((suite) => isMeant(suite, name)));
  // Deployments first, in their order, then suites before those that need them: they wait for these, and ask for no others.
  const wanted = [...latest.values()].filter((run) => isWanted(run, which)).sort(byNeed);
  const active = wanted.filter(isActive);
  const refused: Run[] = [];
  const runs: Run[] = [];
  for (const run of wanted.filter((one) => !isActive(one))) {
    try {
      runs.push((await retestRun(deps, { ...request, run })).run);
    } catch (error) {
      if (!(error instanceof BerthError) || !refusals.has(error.code)) throw error;
      refused.push(run);
    }
  }
  const suites = (runs: readonly Run[]): string[] => runs.map((run) => run.spec.suite);
  return {
    started: suites(runs),
    runs,
    active: suites(active),
    unknown,
    refused: suites(refused),
    known: [...latest.keys()],
  };
}

function isWanted(run: Run, which: SuiteRetest['which']): boolean {
  // The check of the settings has no tests.
  if (run.spec.suite === 'settings') return false;
  // A deployment that succeeded is repeated only by name: its suites run on it again.
  if (which === 'all') return run.state !== 'skipped' && run.deployed === undefined;
  if (which === 'failed') return run.state !== 'succeeded' && run.state !== 'skipped' && !isActive(run);
  return which.some((name) => isMeant(run.spec.suite, name));
}

function byNeed(one: Run, other: Run): number {
  const rank = ({ spec }: Run): number =>
    spec.deploy === undefined ? 1_000 + (spec.needs?.length ?? 0) : (spec.deploys?.length ?? 0);
  return rank(one) - rank(other);
}
