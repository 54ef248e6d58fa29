import { omitUndefined } from '../../lib/omit-undefined.ts';
import type { Deps, GithubDeps, StoreDeps } from '../deps.ts';
import { type Branch, type BranchKey, branchText } from '../model/branch.ts';
import { holder } from '../model/ids.ts';
import { unlessLost } from '../model/retry-lost-race.ts';
import type { Run } from '../model/run.ts';
import { addressOf, type GithubProject } from '../projects/github-project.ts';
import { cancelRun } from '../runs/cancel-run.ts';
import { findNewest } from '../runs/run-pages.ts';
import { closeHolder } from '../stacks/holder-records.ts';
import { releaseHolder } from '../stacks/release-stack.ts';
import { branchOfPull, isOfBranch, isOfTag, openPull, ownBranch } from './branch-of.ts';
import { isSame, nextCheck, nextDue } from './decide-branch.ts';
import { readFirstHeads, recordFirstHeads } from './first-heads.ts';
import type { SeenBranch } from './observe-branch.ts';
import { type BranchDeps, type BranchOptions, reconcileBranch } from './reconcile-branch.ts';

export type RepositoryDeps = BranchDeps & Pick<Deps, 'objects'>;

/** A repository as GitHub lists it. */
interface Listing {
  /** Undefined if there are too many branches to list. */
  readonly heads: ReadonlyMap<string, string> | undefined;
  /** The observed state of each branch that exists or has an open pull request, by the text of its key. */
  readonly seen: ReadonlyMap<string, { readonly key: BranchKey; readonly pull?: number } & SeenBranch>;
}

/**
 * Compares everything that Berth does for a repository with GitHub's lists of its pull requests and branches: work that
 * is missing, and work and holds that must end. Makes two calls, which cost no quota while nothing has changed.
 *
 * @param scope `pull requests` reads the one list that says whether branches with a pull request are unchanged.
 * @returns how many branches had to be reconciled.
 * @throws AggregateError if some could not be reconciled.
 */
export async function compareRepository(
  deps: RepositoryDeps,
  project: GithubProject,
  scope: 'all' | 'pull requests' = 'all',
): Promise<number> {
  // Read before the lists: a list must not undo the result of a later event.
  const open = await deps.store.branches.listOpen(project.id);
  const listing = await listRepository(deps, project, scope);
  const { reconcile, count, failures } = reconciler(deps, project);
  const active = await deps.store.runs.listActive(project.id);
  for (const branch of open) {
    const seen = listing.seen.get(branchText(branch)) ?? { head: undefined, pulls: [] };
    const isUnlisted = seen.head === undefined && listing.heads === undefined && branch.isTrusted;
    if (isUnlisted && scope === 'pull requests' && branch.pulls.length === 0) continue;
    if (hasLess(branch, seen)) await reconcile(branch, {});
    else if (isSame(branch, seen)) await postpone(deps, project, branch, active);
    else await reconcile(branch, { seen: { ...seen, revision: branch.revision } });
  }
  const known = new Set(open.map(branchText));
  for (const [text, { key, pulls, pull }] of listing.seen) {
    if (pulls.length > 0 && !known.has(text)) await reconcile(key, pull === undefined ? {} : { pull });
  }
  const first = listing.heads && (await readFirstHeads(deps, project.id));
  await reconcileMoved(deps, project, listing, { known, first, reconcile });
  await endOldHolds(deps, project, { listing, active, reconcile });
  if (failures.length > 0) throw new AggregateError(failures, 'some branches could not be reconciled');
  if (listing.heads !== undefined && first === undefined)
    await recordFirstHeads(deps, project.id, addressOf(project), listing.heads);
  return count();
}

/**
 * Whether a list does not show something of an open branch. That proves nothing, so the branch is read separately: the list may
 * be too long to read, and an item that ends while it is read moves one of a later page to a page that was read already.
 */
function hasLess(branch: Branch, { head, pulls }: SeenBranch): boolean {
  return (
    head === undefined || branch.pulls.some((pull) => !pulls.some(({ number }) => number === pull.number))
  );
}

type Reconcile = (key: BranchKey, how: BranchOptions) => Promise<void>;

/** A branch that cannot be reconciled must not block the others. */
function reconciler(deps: RepositoryDeps, project: GithubProject) {
  const failures: unknown[] = [];
  const reconciled = new Set<string>();
  const reconcile: Reconcile = async (key, how) => {
    if (reconciled.has(branchText(key))) return;
    reconciled.add(branchText(key));
    try {
      await reconcileBranch(deps, project, key, how);
    } catch (error) {
      failures.push(error);
    }
  };
  return { reconcile, count: () => reconciled.size, failures };
}

async function listRepository(
  deps: Pick<GithubDeps, 'github'>,
  project: GithubProject,
  scope: 'all' | 'pull requests',
): Promise<Listing> {
  const at = addressOf(project);
  const heads = scope === 'all' ? await deps.github.repositories.listBranches(at) : undefined;
  const pulls = await deps.github.pullRequests.listOpen(at);
  const seen = new Map<string, { key: BranchKey; pull?: number } & SeenBranch>();
  for (const [name, head] of heads ?? []) {
    const key = ownBranch(project, name);
    seen.set(branchText(key), { key, head, pulls: [] });
  }
  for (const pull of pulls) {
    const key = branchOfPull(project, pull);
    const before = seen.get(branchText(key))?.pulls ?? [];
    const { number, headSha: head, headRepository: fork } = pull;
    const pulls = [...before, openPull(pull)];
    seen.set(branchText(key), omitUndefined({ key, head, pull: number, pulls, fork }));
  }
  return { heads, seen };
}

/** Unchanged: the next reconciliation is due later. A requested one is left to the sweep. */
async function postpone(
  deps: Pick<Deps, 'store' | 'clock' | 'policy'>,
  project: GithubProject,
  branch: Branch,
  active: readonly Run[],
): Promise<void> {
  // A reconciliation that failed, or was cut off, is repeated by the sweep.
  if (branch.dueAt === undefined || branch.attempts > 0 || branch.isWoken === true) return;
  const record = await deps.store.holders.get(project.id, branch.holder);
  const isUnfinished =
    record?.stackNumber !== undefined || active.some((run) => isOfBranch(run, branch, project));
  const { dueAt: _, ...rest } = branch;
  const next = nextDue(isUnfinished ? nextCheck(deps, branch) : undefined, branch.scheduleAt);
  // If this loses, another process has just reconciled it.
  await unlessLost(() => deps.store.branches.save({ ...rest, ...next }));
}

/** Branches without a pull request that moved, appeared, or were created again, and whose events were lost. */
async function reconcileMoved(
  deps: StoreDeps,
  project: GithubProject,
  { heads }: Listing,
  {
    known,
    first,
    reconcile,
  }: { known: ReadonlySet<string>; first: ReadonlyMap<string, string> | undefined; reconcile: Reconcile },
): Promise<void> {
  const others = [...(heads ?? [])].filter(([name]) => !known.has(branchText(ownBranch(project, name))));
  if (others.length === 0) return;
  const stored = await deps.store.branches.getAll(others.map(([name]) => ownBranch(project, name)));
  const lastHeads = new Map(stored.map(({ name, head }) => [name, head]));
  for (const [name, head] of others) {
    const isMoved = lastHeads.has(name)
      ? lastHeads.get(name) !== head
      : first === undefined
        ? await isPushedAfterUpgrade(deps, project, name, head)
        : first.get(name) !== head;
    if (isMoved) await reconcile(ownBranch(project, name), {});
  }
}

/** Version 0.1.0 recorded no branches: a branch that it tested at another commit was pushed since then. */
async function isPushedAfterUpgrade(
  { store }: StoreDeps,
  project: GithubProject,
  branch: string,
  head: string,
): Promise<boolean> {
  if ((await findNewest(store, project.id, { branch })) === undefined) return false;
  return (await findNewest(store, project.id, { branch, sha: head })) === undefined;
}

/** Holds and runs of version 0.1.0 whose branch was never reconciled, because its last event came before the upgrade. */
async function endOldHolds(
  deps: RepositoryDeps,
  project: GithubProject,
  { listing, active, reconcile }: { listing: Listing; active: readonly Run[]; reconcile: Reconcile },
): Promise<void> {
  const openPulls = new Set(
    [...listing.seen.values()].flatMap(({ pulls }) => pulls.map(({ number }) => number)),
  );
  for (const { hold } of await deps.store.stacks.list(project.id)) {
    const [, kind, name = ''] = /^(branch|pr):(.+)$/.exec(hold?.holder ?? '') ?? [];
    if (kind === 'branch') {
      const key = ownBranch(project, name);
      if ((await deps.store.branches.get(key)) === undefined) await reconcile(key, {});
    }
    if (kind === 'pr' && !openPulls.has(Number(name))) await endOldPull(deps, project, Number(name), active);
  }
  for (const run of active) {
    const { github, spec } = run;
    if (github === undefined || github.headRepositoryId !== undefined || isOfTag(run)) continue;
    if (spec.teardownOf !== undefined || spec.untrusted) continue;
    const key = ownBranch(project, spec.branch);
    if ((await deps.store.branches.get(key)) === undefined) await reconcile(key, {});
  }
}

async function endOldPull(
  deps: RepositoryDeps,
  project: GithubProject,
  number: number,
  active: readonly Run[],
): Promise<void> {
  // A list that does not show it proves nothing.
  if ((await deps.github.pullRequests.get(addressOf(project), number))?.isOpen === true) return;
  const pullHolder = holder.pullRequest(number);
  await closeHolder(deps.store.holders, project.id, pullHolder, deps.clock.now());
  const reason = 'The pull request was closed.';
  for (const { id, spec } of active)
    if (spec.stack?.holder === pullHolder) await cancelRun(deps, { id, reason });
  await releaseHolder(deps, project, pullHolder, { whenIdle: true });
}
