import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GithubStandIn } from '../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../helpers/github-stand-in/state.ts';
import { active, type BerthApi, type RunView } from './berth-api.ts';

export interface CampaignWorld {
  readonly api: BerthApi;
  readonly github: GithubStandIn;
  readonly repository: RepositoryState;
  readonly suites: readonly string[];
  readonly dataDir: string;
  /** Commits that a branch left and came back to, or whose pull request was closed and reopened: each time may test them. */
  readonly repeated: Set<string>;
  /** Where commands write that they met another branch's command. */
  readonly violations: string;
}

/** The violated invariants, by kind; empty if there are none. */
export type Findings = Readonly<Record<string, readonly unknown[]>>;

/** The checks that are missing while pull requests are still open: each head has one run of each suite, with its verdict and check. */
export async function missingVerdicts({ api, repository, suites }: CampaignWorld): Promise<Findings> {
  const heads = repository.pulls.filter(({ state }) => state === 'open').map(({ headSha }) => headSha);
  const missing: string[] = [];
  const stacks = await api.stacks();
  const isFull = stacks.every(({ isAvailable }) => !isAvailable);
  for (const sha of new Set(heads)) {
    const runs = await api.runs(`&sha=${sha}`);
    for (const suite of suites) {
      const ofSuite = runs.filter((run) => run.suite === suite);
      if (isFull && ofSuite.some(({ state }) => state === 'waiting')) continue;
      if (!ofSuite.some(({ conclusion }) => conclusion !== null))
        missing.push(`${suite} of ${sha}: no verdict, ${ofSuite.map(({ id, state }) => `${id} ${state}`)}`);
      const checks = repository.checkRuns.filter(
        (one) => one.headSha === sha && one.name === `berth/${suite}`,
      );
      if (!checks.some(({ status }) => status === 'completed')) missing.push(`${suite} of ${sha}: no check`);
    }
  }
  const holders = stacks.map(({ stackName, holder }) => `${stackName} ${holder ?? 'available'}`);
  return nonEmpty({ 'heads without a verdict': missing, ...(missing.length > 0 ? { holders } : {}) });
}

/** The remains after all pull requests are closed and all branches are deleted. */
export async function leftovers({ api, dataDir, violations }: CampaignWorld): Promise<Findings> {
  return nonEmpty({
    'runs without an end': (await api.runs(active)).map(({ id, state }) => `${id} ${state}`),
    'stacks held without a reason': (await api.stacks()).filter(({ isAvailable }) => !isAvailable),
    'places in line': await api.line(),
    'task directories': await readdir(join(dataDir, 'tasks')).catch(() => []),
    'commands on a stack of another': (await readFile(violations, 'utf8').catch(() => ''))
      .split('\n')
      .filter(Boolean),
  });
}

const checkConclusion: Readonly<Record<string, string>> = {
  success: 'success',
  failure: 'failure',
  error: 'failure',
  timed_out: 'timed_out',
  cancelled: 'cancelled',
  skipped: 'neutral',
};

/** A teardown never makes a commit red. */
function expectedOf({ suite, conclusion }: RunView): string | undefined {
  const isTeardown = suite.endsWith(' teardown');
  return isTeardown && conclusion !== 'success' ? 'neutral' : checkConclusion[conclusion ?? ''];
}

/** The differences between two sources when idle: checks against runs, and commits with more runs than requested. */
export function contradictions(
  { repository, suites, repeated }: CampaignWorld,
  runs: readonly RunView[],
): Findings {
  const known = new Map(runs.map((run) => [run.id, run]));
  const checks = repository.checkRuns.flatMap(({ id, externalId, conclusion, name, headSha, history }) => {
    const run = known.get(externalId);
    if (run === undefined)
      return conclusion === null
        ? [`${name} of ${headSha}: ${id} ${history.join(', ')}, but its run is gone`]
        : [];
    if (conclusion === expectedOf(run)) return [];
    const others = repository.checkRuns.filter((one) => one.externalId === externalId && one.id !== id);
    const shown = others.map((one) => `${one.id} ${one.history.join(', ')}`).join('; ');
    return [
      `${name} of ${headSha}: ${id} ${history.join(', ')}, but run ${run.id} is ${run.conclusion}; others: ${shown}`,
    ];
  });
  const byCommit = new Map<string, RunView[]>();
  for (const run of runs) {
    // A deployment is repeated on another stack.
    if (!suites.includes(run.suite) || repeated.has(run.sha ?? '')) continue;
    // A retest, an automatic retry and a run that was canceled have a successor.
    if (run.retry_of !== null || run.trigger.kind === 'comment' || run.conclusion === 'cancelled') continue;
    // A pull request that is opened after the run ended needs a stack again, and so another run.
    const key = `${run.suite} ${run.branch} ${run.sha} ${run.pull_request ?? 'without a pull request'}`;
    byCommit.set(key, [...(byCommit.get(key) ?? []), run]);
  }
  const doubled = [...byCommit].filter(([, same]) => same.length > 1);
  return nonEmpty({
    'checks that differ from their run': checks,
    'commits with two runs': doubled.map(([key, same]) => `${key}: ${same.map(({ id }) => id).join(' ')}`),
  });
}

function nonEmpty(found: Record<string, readonly unknown[]>): Findings {
  return Object.fromEntries(Object.entries(found).filter(([, items]) => items.length > 0));
}
