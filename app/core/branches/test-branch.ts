import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { GithubDeps, StoreDeps } from '../deps.ts';
import { type Branch, isMergeGroup, mayRun, queueTarget } from '../model/branch.ts';
import { type RunId, runId } from '../model/ids.ts';
import { outcomeWithoutResult } from '../model/outcome.ts';
import { isActive, isUnwanted, type NeededRun, type Run } from '../model/run.ts';
import { addressOf, type GithubProject, wasUpgraded } from '../projects/github-project.ts';
import { runPages } from '../runs/run-pages.ts';
import type { StartDeps } from '../runs/start-run.ts';
import { readRepositorySettings } from '../settings/read-repository-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { isOfBranch } from './branch-of.ts';
import { ensureRun, type FoundRun, findRun, type HeadCommit, unreadRun } from './ensure-run.ts';
import { startScheduled } from './start-scheduled.ts';
import {
  type CommitToTest,
  type PossibleChange,
  type WantedRun,
  type WantedRuns,
  wantedRuns,
} from './wanted-runs.ts';

export type TestDeps = StartDeps & Pick<GithubDeps, 'github' | 'githubUrl' | 'ids'>;

export interface TestedBranch {
  /** The run of each suite for the head commit, new or existing. */
  readonly runs: readonly Run[];
  readonly settings: Settings | undefined;
  /** Suites whose runs for older commits continue (`cancelSuperseded: false`). */
  readonly uncancellable: ReadonlySet<string>;
  /** The next time of a schedule; undefined without a schedule, or if the branch is not the default branch. */
  readonly scheduleAt?: Date | undefined;
}

const notApproved =
  'This commit comes from a fork. Berth runs it only after a person with write access has reviewed it and approved it, with the button **Approve and run** or the comment `/ok-to-test`. Each new commit needs its own approval.';

/**
 * Ensures that the head commit of an open branch has one run of each suite. Idempotent.
 *
 * @param seen what the caller has read.
 */
export async function testBranch(
  deps: TestDeps,
  project: GithubProject,
  branch: Branch,
  seen: Pick<HeadCommit, 'active' | 'holder' | 'isNew'> & { readonly mayHaveNewComment: boolean },
): Promise<TestedBranch> {
  const sha = branch.head;
  if (sha === undefined) return { runs: [], settings: undefined, uncancellable: new Set() };
  const [pull] = branch.pulls;
  // A fork is tested with the settings of the base branch, which its author cannot change.
  const settingsRef = branch.isTrusted ? sha : (pull?.baseBranch ?? project.github.defaultBranch);
  const reading = await readRepositorySettings(deps, addressOf(project), settingsRef);
  const tested = commitOf(deps, project, branch, sha);
  const wanted = await wantedRuns(tested, reading);
  const settings = reading.kind === 'mistakes' ? undefined : reading.settings;
  const comment = seen.mayHaveNewComment && settings?.comment === true ? { newComment: true as const } : {};
  const commit = { ...seen, ...comment, project, branch, sha, idOf: idsOf(deps, project, branch, sha) };
  const runs = await ensureRuns(deps, commit, wanted);
  const staying = settings?.suites.filter((suite) => suite.cancelSuperseded === false) ?? [];
  const isDefault = branch.isTrusted && branch.name === project.github.defaultBranch;
  const scheduleAt =
    isDefault && settings !== undefined
      ? await startScheduled(deps, { project, branch, sha, settings, runs, origin: tested.origin })
      : undefined;
  return { runs, settings, uncancellable: new Set(staying.map(({ name }) => name)), scheduleAt };
}

/**
 * The suites are recorded before the deployments that they wait for: a deployment that has nothing to do ends immediately,
 * and its stack must not be released before its suites are there.
 */
async function ensureRuns(
  deps: TestDeps,
  commit: HeadCommit,
  { deploys, suites }: WantedRuns,
): Promise<readonly Run[]> {
  // The runs that others need are read first: those must name the ones that are valid.
  const isAlone = deploys.length === 0 && suites.every(({ needs = [] }) => needs.length === 0);
  const isUnread = commit.isNew && isAlone && !wasUpgraded(commit.project, deps.clock.now());
  const found = new Map<WantedRun, FoundRun>();
  const find = async (one: WantedRun): Promise<NeededRun> => {
    const run = found.get(one) ?? (await findRun(deps, commit, one));
    found.set(one, run);
    return { suite: one.suite, runId: run.kind === 'there' ? run.run.id : run.id };
  };
  const needed: NeededRun[] = [];
  for (const deploy of deploys) needed.push(await find(deploy));
  const runs: Run[] = [];
  for (const one of [...suites, ...deploys]) {
    const needs: NeededRun[] = [];
    for (const suite of suites) if (one.needs?.includes(suite.suite)) needs.push(await find(suite));
    const run = isUnread
      ? await unreadRun(commit, one)
      : (found.get(one) ?? (await findRun(deps, commit, one)));
    runs.push(await ensureRun(deps, commit, one, { found: run, deploys: needed, needs }));
  }
  return runs;
}

function commitOf(
  deps: Pick<GithubDeps, 'github' | 'githubUrl' | 'store'>,
  project: GithubProject,
  branch: Branch,
  sha: string,
): CommitToTest {
  const [pull] = branch.pulls;
  return omitUndefined({
    origin: omitUndefined({
      cloneUrl: `${deps.githubUrl}/${project.name}.git`,
      branch: branch.name,
      holder: branch.holder,
      isKept: !isMergeGroup(branch),
      untrusted: !branch.isTrusted,
      ref: branch.isTrusted || pull === undefined ? undefined : `refs/pull/${pull.number}/head`,
    }),
    changes: changesOf(deps, project, branch, sha),
    refusal: mayRun(branch) ? undefined : outcomeWithoutResult(notApproved, 'not_approved'),
  });
}

/** The commit is pushed to the default branch and merge groups; that of another branch is for its pull requests, if it has some. */
function changesOf(
  deps: Pick<GithubDeps, 'github' | 'store'>,
  project: GithubProject,
  branch: Branch,
  sha: string,
): readonly PossibleChange[] {
  const { defaultBranch } = project.github;
  const isDefault = branch.isTrusted && branch.name === defaultBranch;
  const at = addressOf(project);
  const into = (targetBranch: string, isDraft = false): PossibleChange => ({
    targetBranch,
    isDraft,
    changedFiles: async () => deps.github.repositories.changedFiles(at, targetBranch, sha),
  });
  if (isMergeGroup(branch)) return [into(queueTarget(branch.name))];
  const pushed = {
    targetBranch: branch.name,
    isDraft: false,
    // The start of a branch is unknown: its difference from the default branch is the best approximation.
    changedFiles: () =>
      pushedFiles(deps, project, branch, { sha, base: isDefault ? undefined : defaultBranch }),
  };
  const merged = branch.pulls.map(({ baseBranch, isDraft }) => into(baseBranch, isDraft));
  return isDefault || merged.length === 0 ? [pushed, ...merged] : merged;
}

async function pushedFiles(
  deps: Pick<GithubDeps, 'github' | 'store'>,
  project: GithubProject,
  branch: Branch,
  { sha, base }: { readonly sha: string; readonly base: string | undefined },
): Promise<readonly string[] | undefined> {
  const { repositories } = deps.github;
  const at = addressOf(project);
  const fromBase = async () => (base === undefined ? undefined : repositories.changedFiles(at, base, sha));
  if (branch.previousHead === undefined) return fromBase();
  // A force push removes changes too: they are in the old commit only.
  const pushed = await repositories.filesBetween(at, branch.previousHead, sha);
  const tested = await testedBefore(deps, project, branch);
  if (pushed === undefined || tested === branch.previousHead) return pushed;
  const untested = tested === undefined ? await fromBase() : await repositories.filesBetween(at, tested, sha);
  return untested && [...new Set([...pushed, ...untested])];
}

/** The IDs of the runs of a suite for a commit, in the order of their generations. */
function idsOf(
  { ids }: Pick<GithubDeps, 'ids'>,
  project: GithubProject,
  { repositoryId, name, epoch }: Branch,
  sha: string,
): (suite: string, generation: number) => Promise<RunId> {
  const branch = [project.id, String(repositoryId), name, String(epoch), sha];
  return async (suite, generation) =>
    runId(await ids.derived('branch', ...branch, suite, String(generation)));
}

/** More runs than a branch has for the commits that came while it was tested. */
const mostRuns = 300;
const perPage = 50;

/**
 * Finds the last commit of a branch whose runs have a result: a run that a newer commit cancelled says nothing about the
 * files that its commit changed.
 *
 * @returns undefined if no run of the branch is known for such a commit.
 */
async function testedBefore(
  { store }: StoreDeps,
  project: GithubProject,
  branch: Branch,
): Promise<string | undefined> {
  const commits = new Map<string, boolean>();
  const bounds = { perPage, mostPages: mostRuns / perPage };
  for await (const { items, isLast } of runPages(store, project.id, { branch: branch.name }, bounds)) {
    for (const run of items) {
      if (run.sha === undefined || run.sha === branch.head || !isOfBranch(run, branch, project)) continue;
      commits.set(run.sha, hasResult(run) && commits.get(run.sha) !== false);
    }
    // The oldest commit of a page may have more runs on the next one.
    const complete = isLast ? [...commits] : [...commits].slice(0, -1);
    const tested = complete.find(([, isTested]) => isTested);
    if (tested !== undefined) return tested[0];
  }
  return undefined;
}

function hasResult(run: Run): boolean {
  return !isActive(run) && !isUnwanted(run);
}
